"""What ROS messages mean, in NumPy, without ROS.

For both front ends, the rclpy node (``nodes/``) and the participant without ROS (``live/``): every
conversion whose rules could differ between them lives here once. Functions that read messages take
any object with the fields of the ROS message (rclpy's, rosbags', a test's); what is to be published
comes out as a *payload* (:mod:`.payloads`) with the field names of the ROS message, so an adapter
only copies fields. Payload data are flat, contiguous uint8 arrays: give them to rclpy through
``array('B').frombytes`` (assigning them directly is checked element by element, 70 ms an image).

============================ ==========================================================
``images.rgb_from_image``    sensor_msgs/Image -> uint8 [H, W, 3]
``compressed``               sensor_msgs/CompressedImage -> uint8 [H, W, 3]
``cameras``                  sensor_msgs/CameraInfo <-> Intrinsics, binning and region of interest
``assembler.FrameAssembler`` image message + the latest camera_info -> Frame
``depth``                    metres -> 32FC1 (REP-117, REP-118) or 16UC1
``points``                   depth + intrinsics -> organised PointCloud2
``labels``                   masks, LabelInfo
``topics``                   names, types, QoS: one table for both front ends
``outputs.OutputBuilder``    everything published for one Prediction, as far as it is wanted
============================ ==========================================================
"""
