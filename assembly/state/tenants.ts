/** Tenants and virtual NPUs. */
import { MAX_TENANTS, MAX_VNPUS } from '../../build/gen/as/layout'
import { TENANT_BYTES, TENANTS, VNPU_BYTES, VNPUS } from './memory'

/** The tenant of that number, or 0 where there is none. */
export function findTenant(number: u32): u32 {
  if (number >= MAX_TENANTS) return 0
  const p = TENANTS + number * TENANT_BYTES
  return tenantUsed(p) != 0 ? p : 0
}

/** The virtual NPU of that number, or 0 where there is none. */
export function findVnpu(number: u32): u32 {
  if (number >= MAX_VNPUS) return 0
  const p = VNPUS + number * VNPU_BYTES
  return vnpuUsed(p) != 0 ? p : 0
}

/** 1 where the tenant exists. */
export function tenantUsed(p: u32): u32 {
  return load<u8>(p, 0)
}
export function set_tenantUsed(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 0)
}
/** 0 (greatest) to 7. */
export function tenantPriority(p: u32): u32 {
  return load<u8>(p, 1)
}
export function set_tenantPriority(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 1)
}
/** Share weight. */
export function tenantWeight(p: u32): u32 {
  return load<u32>(p, 4)
}
export function set_tenantWeight(p: u32, v: u32): void {
  store<u32>(p, v, 4)
}
/** Streams it may have, 0 for no limit. */
export function tenantStreamLimit(p: u32): u32 {
  return load<u32>(p, 8)
}
export function set_tenantStreamLimit(p: u32, v: u32): void {
  store<u32>(p, v, 8)
}
/** Streams it has. */
export function tenantStreams(p: u32): u32 {
  return load<u32>(p, 12)
}
export function set_tenantStreams(p: u32, v: u32): void {
  store<u32>(p, v, 12)
}
/** Device memory it may hold, 0 for no limit. */
export function tenantQuotaBytes(p: u32): u64 {
  return load<u64>(p, 16)
}
export function set_tenantQuotaBytes(p: u32, v: u64): void {
  store<u64>(p, v, 16)
}
/** Device memory it holds. */
export function tenantHeldBytes(p: u32): u64 {
  return load<u64>(p, 24)
}
export function set_tenantHeldBytes(p: u32, v: u64): void {
  store<u64>(p, v, 24)
}
/** 1 where the virtual NPU exists. */
export function vnpuUsed(p: u32): u32 {
  return load<u8>(p, 0)
}
export function set_vnpuUsed(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 0)
}
/** Phase of the process behind it, by role. */
export function vnpuRole(p: u32): u32 {
  return load<u8>(p, 1)
}
export function set_vnpuRole(p: u32, v: u32): void {
  store<u8>(p, <u8>v, 1)
}
/** Tenant number. */
export function vnpuTenant(p: u32): u32 {
  return load<u32>(p, 4)
}
export function set_vnpuTenant(p: u32, v: u32): void {
  store<u32>(p, v, 4)
}
/** Device number. */
export function vnpuDevice(p: u32): u32 {
  return load<u32>(p, 8)
}
export function set_vnpuDevice(p: u32, v: u32): void {
  store<u32>(p, v, 8)
}
