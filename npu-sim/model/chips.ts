/**
 * The chips that the model knows, one row each, and what part of the published peaks kernels reach. A simulated device
 * takes everything it is from here; nothing of this table is shared with the scheduler, whose belief stays its own.
 *
 * Sources: M = Ascend/msmodeling tensor_cast/device.py, P = CANN src/platform/platform_config/cann/<SocName>.ini,
 * C = CloudMatrix384 (arXiv 2506.12708), H = shared/facts/hardware.md, which collects them, B = Bullet
 * (arXiv 2504.19516, measured on GPUs; no co-run data of Ascend is public).
 */

/** Part of peak arithmetic that kernels reach (M). */
export const COMPUTE_REACHED: f64 = 0.7
/** Part of peak HBM bandwidth that kernels reach (M). */
export const MEMORY_REACHED: f64 = 0.6
/** Part of peak link bandwidth that collectives reach (M). */
export const LINK_REACHED: f64 = 0.7
/** A kernel needs this part of all cores to draw the whole HBM bandwidth; with fewer, proportionally less (B). */
export const BANDWIDTH_CORE_SHARE: f64 = 0.28

/** From one operator of a stream to the next, launched one by one: 2-5 us (H); the lower end, in ns. */
export const GAP_EAGER_NS: f64 = 2000
/** The same within a captured graph (H), in ns. */
export const GAP_GRAPH_NS: f64 = 1000
/** Fixed time of a matmul, of a vector operator, of a communication operator, besides its work (M), in ns. */
export const STATIC_CUBE_NS: f64 = 5000
export const STATIC_VECTOR_NS: f64 = 2000
export const STATIC_LINK_NS: f64 = 10000
/** Host copies reach 25 GB/s in each direction, on DMA engines of their own (H): bytes a ns. */
export const HOST_COPY_BYTES_PER_NS: f64 = 25
/** Links of A2 and A3: 196 GB/s a direction (H): bytes a ns. */
export const LINK_BYTES_PER_NS: f64 = 196

const GIB: f64 = 1024 * 1024 * 1024
const MIB: f64 = 1024 * 1024
const TIB_PER_S: f64 = (1024.0 * GIB) / 1e9

/** One chip. Rates are per nanosecond: 376 T operations a second are 376,000 operations a ns. */
export class Chip {
  constructor(
    readonly cubeCores: f64,
    readonly vectorCores: f64,
    readonly cubeOpsPerNs: f64,
    readonly vectorOpsPerNs: f64,
    readonly hbmBytes: f64,
    readonly hbmBytesPerNs: f64,
    readonly l2Bytes: f64,
  ) {}
}

/** By chip number. The C side and its configuration name them in this order (npu-sim/acl/config.c). */
export const chips: StaticArray<Chip> = [
  // 0 Ascend910B1: arithmetic of the 376T row, as it is commonly given (H); cores from P.
  new Chip(24, 48, 376e3, 22e3, 64 * GIB, 1.6 * TIB_PER_S, 192 * MIB),
  // 1 Ascend910B2 (A2, 376T): M; cores P.
  new Chip(24, 48, 376e3, 22e3, 64 * GIB, 1.6 * TIB_PER_S, 192 * MIB),
  // 2 Ascend910B3 (A2, 313T): M; cores P.
  new Chip(20, 40, 313e3, 18e3, 64 * GIB, 1.6 * TIB_PER_S, 192 * MIB),
  // 3 Ascend910B4 (A2, 280T): M with 64 GiB. P and the PCIe form have 32 GiB; we follow H's row.
  new Chip(20, 40, 280e3, 16e3, 64 * GIB, 1.6 * TIB_PER_S, 96 * MIB),
  // 4 Ascend910_9392: one die of a 910C (A3, 752T a card): M, C; cores P.
  new Chip(24, 48, 376e3, 22e3, 64 * GIB, 1.6 * TIB_PER_S, 192 * MIB),
  // 5 Ascend910_9362: one die of the slower bin (A3, 560T a card): M; cores P.
  new Chip(20, 40, 280e3, 16e3, 64 * GIB, 1.6 * TIB_PER_S, 192 * MIB),
]
