/* A stand-in for libcuda whose "device" is host memory: what the buffer class does really happens,
   in order, and every mistake that can be counted is (leaks, contexts, work outside a context). */
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

typedef int R;
static int depth, retained, live, streams, capturing, graphs, launches;
static int uploads, downloads;

#define NEED_CONTEXT if (getenv("FAKE_GONE")) return 719; if (depth < 1) return 201
R cuInit(unsigned f) {
    const char *visible = getenv("CUDA_VISIBLE_DEVICES");
    return getenv("FAKE_NO_DEVICE") || (visible && !*visible) ? 100 : 0; }
R cuGetErrorName(int code, const char **name) {
    *name = code == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : code == 100 ? "CUDA_ERROR_NO_DEVICE" : code == 201 ? "CUDA_ERROR_INVALID_CONTEXT"
          : code == 719 ? "CUDA_ERROR_LAUNCH_FAILED" : code == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS" : NULL;
    return *name ? 0 : 1; }
R cuDeviceGetCount(int *n) { *n = 1; return 0; }
R cuDriverGetVersion(int *v) { *v = 12060; return 0; }
R cuDeviceGet(int *d, int i) { *d = i; return 0; }
R cuDeviceGetName(char *s, int n, int d) { snprintf(s, n, "Fake GPU"); return 0; }
R cuDeviceGetAttribute(int *v, int a, int d) { *v = a == 75 ? 8 : 7; return 0; }
R cuDeviceTotalMem_v2(size_t *n, int d) { *n = 8ul << 30; return 0; }
R cuDevicePrimaryCtxRetain(void **c, int d) { retained++; *c = (void *)1; return 0; }
R cuDevicePrimaryCtxRelease_v2(int d) { retained--; return 0; }
R cuCtxPushCurrent_v2(void *c) { depth++; return 0; }
R cuCtxPopCurrent_v2(void **c) { depth--; if (c) *c = (void *)1; return 0; }
R cuMemAlloc_v2(size_t *p, size_t n) {
    NEED_CONTEXT; if (getenv("FAKE_OOM") && live >= atoi(getenv("FAKE_OOM"))) return 2; *p = (size_t)malloc(n); live++; return 0; }
R cuMemFree_v2(size_t p) { NEED_CONTEXT; free((void *)p); live--; return 0; }
R cuMemGetInfo_v2(size_t *f, size_t *t) { NEED_CONTEXT; *f = 6ul << 30; *t = 8ul << 30; return 0; }
R cuMemHostAlloc(void **p, size_t n, unsigned f) { NEED_CONTEXT; *p = malloc(n); live++; return 0; }
R cuMemFreeHost(void *p) { NEED_CONTEXT; free(p); live--; return 0; }
R cuStreamCreate(void **s, unsigned f) { NEED_CONTEXT; *s = (void *)7; streams++; return 0; }
R cuStreamDestroy_v2(void *s) { NEED_CONTEXT; streams--; return 0; }
R cuStreamSynchronize(void *s) { NEED_CONTEXT; return getenv("FAKE_SYNC_FAILS") ? 700 : 0; }

/* Copies made while capturing are recorded, and replayed with the launch; each graph its own. */
typedef struct { void *to; const void *from; size_t n; void (*work)(void); } Step;
typedef struct { int count; Step steps[16]; } Graph;
static Graph *recorded;
static void record(Step step) { recorded->steps[recorded->count++] = step; }
static void copy(void *to, const void *from, size_t n) {
    if (capturing) record((Step){to, from, n, NULL}); else memcpy(to, from, n);
}
R cuMemcpyHtoDAsync_v2(size_t d, const void *h, size_t n, void *s) {
    NEED_CONTEXT; uploads++; copy((void *)d, h, n); return 0; }
R cuMemcpyDtoHAsync_v2(void *h, size_t d, size_t n, void *s) {
    NEED_CONTEXT; downloads++; copy(h, (void *)d, n); return 0; }
/* The network's part: the fake TensorRT asks to be called when "the stream" gets there. */
void fake_run(void (*work)(void)) {
    if (capturing) record((Step){NULL, NULL, 0, work}); else work();
}
R cuStreamBeginCapture_v2(void *s, int mode) {
    if (getenv("FAKE_NO_GRAPH")) return 801;
    capturing = 1; recorded = calloc(1, sizeof *recorded); return 0; }
R cuStreamEndCapture(void *s, void **g) { capturing = 0; *g = recorded; graphs++; return 0; }
R cuGraphInstantiateWithFlags(void **e, void *g, unsigned long long f) {
    *e = malloc(sizeof(Graph)); memcpy(*e, g, sizeof(Graph)); graphs++; return 0; }
R cuGraphDestroy(void *g) { free(g); graphs--; return 0; }
R cuGraphExecDestroy(void *e) { free(e); graphs--; return 0; }
R cuGraphLaunch(void *e, void *s) {
    NEED_CONTEXT; launches++;
    Graph *graph = e;
    for (int i = 0; i < graph->count; i++) {
        Step *step = &graph->steps[i];
        if (step->work) step->work(); else memcpy(step->to, step->from, step->n);
    }
    return 0; }

int fake_count(const char *what) {
    if (!strcmp(what, "depth")) return depth;
    if (!strcmp(what, "retained")) return retained;
    if (!strcmp(what, "live")) return live;
    if (!strcmp(what, "streams")) return streams;
    if (!strcmp(what, "graphs")) return graphs;
    if (!strcmp(what, "launches")) return launches;
    if (!strcmp(what, "uploads")) return uploads;
    if (!strcmp(what, "downloads")) return downloads;
    return -1;
}
