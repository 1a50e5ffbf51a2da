/**
 * The device table: what is published of each chip (shared/facts/hardware.md, from msmodeling's device.py and CANN's
 * platform files). A figure that the host read from the real device takes precedence.
 */
import { CHIP_ASCEND_910B1, CHIP_ASCEND_910B2, CHIP_ASCEND_910C } from '../../build/gen/as/layout'

/** Cube cores; the 376T bins have 24, the others 20. */
export function chipCubeCores(chip: u32): u32 {
  return chip == CHIP_ASCEND_910B1 || chip == CHIP_ASCEND_910B2 || chip == CHIP_ASCEND_910C ? 24 : 20
}

/** Vector cores: two for each cube core. */
export function chipVectorCores(chip: u32): u32 {
  return chipCubeCores(chip) * 2
}

/** 64 GiB on every chip of the table. */
export const CHIP_HBM_BYTES: u64 = 64 << 30

/** 1.6 TiB/s on every chip of the table. */
export const CHIP_HBM_BYTES_PER_S: u64 = 1759218604441
