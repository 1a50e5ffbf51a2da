/** What each event does to the tables. Every check comes before the first change, so that a fault changes nothing. */
import {
  CHIP_ASCEND_910C,
  DECISION_ADMIT,
  DECISION_DENY,
  device_add_chip,
  device_add_cube_cores,
  device_add_device,
  device_add_hbm_bytes,
  device_add_hbm_bytes_per_s,
  device_add_vector_cores,
  device_remove_device,
  EVENT_CREDIT_USED,
  EVENT_DEVICE_ADD,
  EVENT_DEVICE_REMOVE,
  EVENT_MEM_ALLOC,
  EVENT_MEM_FREE,
  EVENT_OP_COMPLETE,
  EVENT_OP_SUBMIT,
  EVENT_PHASE_HINT,
  EVENT_POLICY_SET,
  event_kind,
  event_stream,
  EVENT_STREAM_ADD,
  EVENT_STREAM_REMOVE,
  EVENT_STREAM_SYNC,
  EVENT_SYNC_REMOVE,
  EVENT_TELEMETRY,
  EVENT_TENANT_REMOVE,
  EVENT_TENANT_SET,
  EVENT_TICK,
  event_time_ns,
  EVENT_VNPU_ADD,
  EVENT_VNPU_REMOVE,
  FAULT_CODE_BAD_DEVICE,
  FAULT_CODE_BAD_TENANT,
  FAULT_CODE_BAD_VALUE,
  FAULT_CODE_BAD_VNPU,
  FAULT_CODE_TIME_REVERSED,
  FAULT_CODE_UNKNOWN_KIND,
  MAX_DEVICES,
  MAX_SYNC_OBJECTS,
  MAX_TENANTS,
  MAX_VNPUS,
  mem_alloc_bytes,
  mem_alloc_request,
  mem_alloc_vnpu,
  mem_free_bytes,
  mem_free_vnpu,
  policy_set_p0,
  policy_set_p1,
  policy_set_p2,
  policy_set_p3,
  policy_set_policy,
  RULE_NONE,
  RULE_QUOTA,
  sync_remove_sync_object,
  telemetry_bandwidth_permille,
  telemetry_compute_permille,
  telemetry_device,
  tenant_remove_tenant,
  tenant_set_hbm_quota_bytes,
  tenant_set_priority,
  tenant_set_stream_limit,
  tenant_set_tenant,
  tenant_set_weight,
  vnpu_add_device,
  vnpu_add_tenant,
  vnpu_add_vnpu,
  vnpu_remove_vnpu,
} from '../../build/gen/as/layout'
import { CHIP_HBM_BYTES, CHIP_HBM_BYTES_PER_S, chipCubeCores, chipVectorCores } from '../model/chips'
import { beginInterference } from '../model/interference'
import { beginDevice } from '../policy/balance'
import { choosePolicy } from '../policy/choose'
import {
  deviceAt,
  findDevice,
  set_chip,
  set_cubeCores,
  set_deviceUsed,
  set_hbmBytes,
  set_hbmBytesPerS,
  set_sampleTokens,
  set_telemetryBandwidth,
  set_telemetryCompute,
  set_vectorCores,
} from '../state/devices'
import { devices_end, events_seen, now_ns, set_devices_end, set_events_seen, set_now_ns } from '../state/globals'
import { DEVICE_BYTES, TENANT_BYTES, TENANTS, VNPU_BYTES, VNPUS } from '../state/memory'
import {
  findTenant,
  findVnpu,
  set_tenantHeldBytes,
  set_tenantPriority,
  set_tenantQuotaBytes,
  set_tenantStreamLimit,
  set_tenantUsed,
  set_tenantWeight,
  set_vnpuDevice,
  set_vnpuTenant,
  set_vnpuUsed,
  tenantHeldBytes,
  tenantQuotaBytes,
  vnpuTenant,
} from '../state/tenants'
import { SAMPLE_TOKENS_LIMIT } from './dispatch'
import { beginEvent, emit, fault, faultOf, wasRefused } from './emit'
import { forgetSync } from './order'
import { scheduleAll } from './schedule'
import {
  creditUsed,
  opComplete,
  opSubmit,
  phaseHint,
  streamAdd,
  streamRemove,
  streamsOfDeviceRemove,
  streamsOfTenantRemove,
  streamSync,
  weighTenant,
} from './streams'

function deviceAdd(e: u32): void {
  const number = device_add_device(e)
  const c = device_add_chip(e)
  if (number >= MAX_DEVICES || c > CHIP_ASCEND_910C) {
    faultOf(FAULT_CODE_BAD_DEVICE, EVENT_DEVICE_ADD)
    return
  }
  if (findDevice(number) != 0) streamsOfDeviceRemove(number)
  const d = deviceAt(number)
  memory.fill(d, 0, DEVICE_BYTES)
  set_deviceUsed(d, 1)
  if (number >= devices_end()) set_devices_end(number + 1)
  set_chip(d, c)
  set_cubeCores(d, device_add_cube_cores(e) != 0 ? device_add_cube_cores(e) : chipCubeCores(c))
  set_vectorCores(d, device_add_vector_cores(e) != 0 ? device_add_vector_cores(e) : chipVectorCores(c))
  set_hbmBytes(d, device_add_hbm_bytes(e) != 0 ? device_add_hbm_bytes(e) : CHIP_HBM_BYTES)
  set_hbmBytesPerS(d, device_add_hbm_bytes_per_s(e) != 0 ? device_add_hbm_bytes_per_s(e) : CHIP_HBM_BYTES_PER_S)
  set_sampleTokens(d, SAMPLE_TOKENS_LIMIT)
  beginInterference(d)
  beginDevice(d)
  scheduleAll()
}

function deviceRemove(e: u32): void {
  const d = findDevice(device_remove_device(e))
  if (d == 0) {
    faultOf(FAULT_CODE_BAD_DEVICE, EVENT_DEVICE_REMOVE)
    return
  }
  streamsOfDeviceRemove(device_remove_device(e))
  memory.fill(d, 0, DEVICE_BYTES)
  scheduleAll()
}

function tenantSet(e: u32): void {
  const number = tenant_set_tenant(e)
  const weight = tenant_set_weight(e)
  if (number >= MAX_TENANTS || weight == 0 || weight > 1_000_000 || tenant_set_priority(e) > 7) {
    faultOf(number >= MAX_TENANTS ? FAULT_CODE_BAD_TENANT : FAULT_CODE_BAD_VALUE, EVENT_TENANT_SET)
    return
  }
  const t = TENANTS + number * TENANT_BYTES
  set_tenantUsed(t, 1)
  set_tenantWeight(t, weight)
  set_tenantPriority(t, tenant_set_priority(e))
  set_tenantStreamLimit(t, tenant_set_stream_limit(e))
  set_tenantQuotaBytes(t, tenant_set_hbm_quota_bytes(e))
  weighTenant(number)
}

/** A tenant goes with its virtual NPUs and their streams. */
function tenantRemove(e: u32): void {
  const t = findTenant(tenant_remove_tenant(e))
  if (t == 0 || tenant_remove_tenant(e) == 0) {
    faultOf(FAULT_CODE_BAD_TENANT, EVENT_TENANT_REMOVE)
    return
  }
  streamsOfTenantRemove(tenant_remove_tenant(e))
  for (let number: u32 = 0; number < MAX_VNPUS; number++) {
    const v = findVnpu(number)
    if (v != 0 && vnpuTenant(v) == tenant_remove_tenant(e)) memory.fill(v, 0, VNPU_BYTES)
  }
  memory.fill(t, 0, TENANT_BYTES)
  scheduleAll()
}

function vnpuAdd(e: u32): void {
  const number = vnpu_add_vnpu(e)
  if (number >= MAX_VNPUS) faultOf(FAULT_CODE_BAD_VNPU, EVENT_VNPU_ADD)
  else if (findTenant(vnpu_add_tenant(e)) == 0) faultOf(FAULT_CODE_BAD_TENANT, EVENT_VNPU_ADD)
  else if (findDevice(vnpu_add_device(e)) == 0) faultOf(FAULT_CODE_BAD_DEVICE, EVENT_VNPU_ADD)
  else {
    const v = VNPUS + number * VNPU_BYTES
    memory.fill(v, 0, VNPU_BYTES)
    set_vnpuUsed(v, 1)
    set_vnpuTenant(v, vnpu_add_tenant(e))
    set_vnpuDevice(v, vnpu_add_device(e))
  }
}

function vnpuRemove(e: u32): void {
  const v = findVnpu(vnpu_remove_vnpu(e))
  if (v == 0) faultOf(FAULT_CODE_BAD_VNPU, EVENT_VNPU_REMOVE)
  else memory.fill(v, 0, VNPU_BYTES)
}

function tenantOf(vnpu: u32): u32 {
  const v = findVnpu(vnpu)
  return v == 0 ? 0 : findTenant(vnpuTenant(v))
}

function memAlloc(e: u32): void {
  const t = tenantOf(mem_alloc_vnpu(e))
  if (t == 0) {
    faultOf(FAULT_CODE_BAD_VNPU, EVENT_MEM_ALLOC)
    return
  }
  const bytes = mem_alloc_bytes(e)
  const quota = tenantQuotaBytes(t)
  const heldBytes = tenantHeldBytes(t)
  const fits = quota == 0 ? heldBytes + bytes >= heldBytes : heldBytes <= quota && bytes <= quota - heldBytes
  if (fits) set_tenantHeldBytes(t, heldBytes + bytes)
  emit(
    fits ? DECISION_ADMIT : DECISION_DENY,
    0,
    fits ? RULE_NONE : RULE_QUOTA,
    mem_alloc_vnpu(e),
    0,
    0,
    mem_alloc_request(e),
  )
}

function memFree(e: u32): void {
  const t = tenantOf(mem_free_vnpu(e))
  if (t == 0) faultOf(FAULT_CODE_BAD_VNPU, EVENT_MEM_FREE)
  else set_tenantHeldBytes(t, tenantHeldBytes(t) - min<u64>(mem_free_bytes(e), tenantHeldBytes(t)))
}

function policySet(e: u32): void {
  const chosen = choosePolicy(
    policy_set_policy(e),
    policy_set_p0(e),
    policy_set_p1(e),
    policy_set_p2(e),
    policy_set_p3(e),
  )
  if (!chosen) {
    faultOf(FAULT_CODE_BAD_VALUE, EVENT_POLICY_SET)
    return
  }
  scheduleAll()
}

function telemetry(e: u32): void {
  const d = findDevice(telemetry_device(e))
  if (d == 0) {
    faultOf(FAULT_CODE_BAD_DEVICE, EVENT_TELEMETRY)
    return
  }
  set_telemetryCompute(d, min<u32>(telemetry_compute_permille(e), 1000))
  set_telemetryBandwidth(d, min<u32>(telemetry_bandwidth_permille(e), 1000))
}

function syncRemove(e: u32): void {
  if (sync_remove_sync_object(e) >= MAX_SYNC_OBJECTS) faultOf(FAULT_CODE_BAD_VALUE, EVENT_SYNC_REMOVE)
  else {
    forgetSync(sync_remove_sync_object(e))
    scheduleAll()
  }
}

function handle(kind: u32, e: u32): void {
  if (kind == EVENT_OP_SUBMIT) opSubmit(e)
  else if (kind == EVENT_OP_COMPLETE) opComplete(e)
  else if (kind == EVENT_CREDIT_USED) creditUsed(e)
  else if (kind == EVENT_TICK) scheduleAll()
  else if (kind == EVENT_STREAM_SYNC) streamSync(e)
  else if (kind == EVENT_STREAM_ADD) streamAdd(e)
  else if (kind == EVENT_STREAM_REMOVE) streamRemove(e)
  else if (kind == EVENT_SYNC_REMOVE) syncRemove(e)
  else if (kind == EVENT_MEM_ALLOC) memAlloc(e)
  else if (kind == EVENT_MEM_FREE) memFree(e)
  else if (kind == EVENT_PHASE_HINT) phaseHint(e)
  else if (kind == EVENT_POLICY_SET) policySet(e)
  else if (kind == EVENT_TELEMETRY) telemetry(e)
  else if (kind == EVENT_DEVICE_ADD) deviceAdd(e)
  else if (kind == EVENT_DEVICE_REMOVE) deviceRemove(e)
  else if (kind == EVENT_TENANT_SET) tenantSet(e)
  else if (kind == EVENT_TENANT_REMOVE) tenantRemove(e)
  else if (kind == EVENT_VNPU_ADD) vnpuAdd(e)
  else if (kind == EVENT_VNPU_REMOVE) vnpuRemove(e)
  else faultOf(FAULT_CODE_UNKNOWN_KIND, kind)
}

/** No event is later than this (146 years): sums of times do not overflow. */
const LATEST_NS: u64 = 1 << 62

/** Takes one event. A refused one leaves only its number and its FAULT behind; its time does not count, either. */
export function take(e: u32): void {
  beginEvent()
  const kind = event_kind(e)
  const before = now_ns()
  set_events_seen(events_seen() + 1)
  if (event_time_ns(e) < before) {
    fault(FAULT_CODE_TIME_REVERSED, kind, event_stream(e))
    return
  }
  if (event_time_ns(e) > LATEST_NS) {
    fault(FAULT_CODE_BAD_VALUE, kind, event_stream(e))
    return
  }
  set_now_ns(event_time_ns(e))
  handle(kind, e)
  if (wasRefused()) set_now_ns(before)
}
