"""launch_testing: dsnet.launch.py with two cameras, a namespace and a parameter file.

Run by test_launch_files.py, or by hand: TEST_MODEL=tiny.onnx launch_test two_cameras.py
"""

import os
import tempfile
import time
import unittest
from array import array

import launch_testing
import launch_testing.actions
import launch_testing.asserts
import rclpy
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare
from rcl_interfaces.srv import GetParameters
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

OVERRIDES = "/**:\n  ros__parameters:\n    depth:\n      max_m: 7.5\n    max_rate_hz: 50.0\n"


def generate_test_description():
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
        file.write(OVERRIDES)
    launch_file = PathJoinSubstitution(
        [FindPackageShare("depth_seg_ros"), "launch", "dsnet.launch.py"]
    )
    arguments = {
        "model": os.environ["TEST_MODEL"],
        "namespace": "robot",
        "cameras": "front,rear",
        "params_file": file.name,
        "max_rate_hz": "25.0",  # wins over the file
        "camera_height_m": "1.6",
        "imu_topic": "/imu/data",
    }
    perception = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(launch_file), launch_arguments=arguments.items()
    )
    return LaunchDescription([perception, launch_testing.actions.ReadyToTest()])


class TestTwoCameras(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        rclpy.init()
        cls.node = rclpy.create_node("test_two_cameras")

    @classmethod
    def tearDownClass(cls):
        cls.node.destroy_node()
        rclpy.shutdown()

    def until(self, condition, what, timeout_s=60.0):
        end = time.monotonic() + timeout_s
        while not condition():
            self.assertLess(time.monotonic(), end, f"waited for: {what}")
            rclpy.spin_once(self.node, timeout_sec=0.05)

    def test_each_camera_gets_its_own_depth(self):
        received = {"front": [], "rear": []}
        publishers = {}
        for camera, messages in received.items():
            self.node.create_subscription(
                Image, f"/robot/{camera}/depth/image", messages.append, 10
            )
            publishers[camera] = self.node.create_publisher(
                Image, f"/robot/{camera}/image_raw", qos_profile_sensor_data
            )
        for camera, grey in (("front", 30), ("rear", 50)):
            image = Image(height=40, width=64, encoding="mono8", step=64)
            image.header.frame_id = f"{camera}_optical"
            image.data = array("B", bytes([grey]) * (40 * 64))

            def step(camera=camera, image=image):
                publishers[camera].publish(image)
                return received[camera]

            self.until(step, f"depth of {camera}")
            message = received[camera][-1]
            self.assertEqual(message.header.frame_id, f"{camera}_optical")
            depth = array("f", bytes(message.data))
            self.assertAlmostEqual(depth[0], 2 + grey / 10, places=4)

    def test_parameters_come_from_file_and_arguments(self):
        client = self.node.create_client(GetParameters, "/robot/front/perception/get_parameters")
        self.assertTrue(client.wait_for_service(30))
        names = ["depth.max_m", "max_rate_hz", "camera_height_m", "imu_topic"]
        request = GetParameters.Request(names=names)
        future = client.call_async(request)
        self.until(future.done, "parameters")
        *numbers, text = future.result().values
        self.assertEqual([v.double_value for v in numbers], [7.5, 25.0, 1.6])
        self.assertEqual(text.string_value, "/imu/data")


@launch_testing.post_shutdown_test()
class TestShutdown(unittest.TestCase):
    def test_both_nodes_ended_cleanly(self, proc_info):
        self.assertEqual(len(proc_info.process_names()), 2)
        launch_testing.asserts.assertExitCodes(proc_info)
