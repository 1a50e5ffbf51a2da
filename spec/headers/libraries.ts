/** Enumerations, constants and structures of the libraries beside the runtime: queues, profiling, dumps, platform, pools. */
import type { Constants, CStruct, Enums } from './types.ts'

export const tdtChannelEnums: Enums = {
  acltdtTensorType: {
    ACL_TENSOR_DATA_UNDEFINED: -1,
    ACL_TENSOR_DATA_TENSOR: 0,
    ACL_TENSOR_DATA_END_OF_SEQUENCE: 1,
    ACL_TENSOR_DATA_ABNORMAL: 2,
    ACL_TENSOR_DATA_SLICE_TENSOR: 3,
    ACL_TENSOR_DATA_END_TENSOR: 4,
  },
}

export const tdtQueueEnums: Enums = {
  acltdtQueueAttrType: { ACL_TDT_QUEUE_NAME_PTR: 0, ACL_TDT_QUEUE_DEPTH_UINT32: 1 },
  acltdtQueueRouteParamType: {
    ACL_TDT_QUEUE_ROUTE_SRC_UINT32: 0,
    ACL_TDT_QUEUE_ROUTE_DST_UINT32: 1,
    ACL_TDT_QUEUE_ROUTE_STATUS_INT32: 2,
  },
  acltdtQueueRouteQueryMode: {
    ACL_TDT_QUEUE_ROUTE_QUERY_SRC: 0,
    ACL_TDT_QUEUE_ROUTE_QUERY_DST: 1,
    ACL_TDT_QUEUE_ROUTE_QUERY_SRC_AND_DST: 2,
    ACL_TDT_QUEUE_ROUTE_QUERY_ABNORMAL: 100,
  },
  acltdtQueueRouteQueryInfoParamType: {
    ACL_TDT_QUEUE_ROUTE_QUERY_MODE_ENUM: 0,
    ACL_TDT_QUEUE_ROUTE_QUERY_SRC_ID_UINT32: 1,
    ACL_TDT_QUEUE_ROUTE_QUERY_DST_ID_UINT32: 2,
  },
  acltdtAllocBufType: { ACL_TDT_NORMAL_MEM: 0, ACL_TDT_DVPP_MEM: 1 },
}

export const tdtQueueConstants: Constants = {
  ACL_TDT_QUEUE_PERMISSION_DEQUEUE: '2',
  ACL_TDT_QUEUE_PERMISSION_ENQUEUE: '4',
  ACL_TDT_QUEUE_PERMISSION_MANAGE: '1',
  ACL_TDT_QUEUE_ROUTE_BIND: '1',
  ACL_TDT_QUEUE_ROUTE_BIND_ABNORMAL: '2',
  ACL_TDT_QUEUE_ROUTE_UNBIND: '0',
}

export const profEnums: Enums = {
  aclprofAicoreMetrics: {
    ACL_AICORE_ARITHMETIC_UTILIZATION: 0,
    ACL_AICORE_PIPE_UTILIZATION: 1,
    ACL_AICORE_MEMORY_BANDWIDTH: 2,
    ACL_AICORE_L0B_AND_WIDTH: 3,
    ACL_AICORE_RESOURCE_CONFLICT_RATIO: 4,
    ACL_AICORE_MEMORY_UB: 5,
    ACL_AICORE_L2_CACHE: 6,
    ACL_AICORE_PIPE_EXECUTE_UTILIZATION: 7,
    ACL_AICORE_MEMORY_ACCESS: 8,
    ACL_AICORE_NONE: 255,
  },
  aclprofStepTag: { ACL_STEP_START: 0, ACL_STEP_END: 1 },
  aclprofSubscribeOpFlag: {
    ACL_SUBSCRIBE_OP: 0,
    ACL_SUBSCRIBE_SUBGRAPH: 1,
    ACL_SUBSCRIBE_OP_THREAD: 2,
    ACL_SUBSCRIBE_NONE: 255,
  },
  aclprofSubscribeOpAttri: { ACL_SUBSCRIBE_ATTRI_THREADID: 0, ACL_SUBSCRIBE_ATTRI_NONE: 1 },
  aclprofConfigType: {
    ACL_PROF_ARGS_MIN: 0,
    ACL_PROF_STORAGE_LIMIT: 1,
    ACL_PROF_SYS_HARDWARE_MEM_FREQ: 3,
    ACL_PROF_LLC_MODE: 4,
    ACL_PROF_SYS_IO_FREQ: 5,
    ACL_PROF_SYS_INTERCONNECTION_FREQ: 6,
    ACL_PROF_DVPP_FREQ: 7,
    ACL_PROF_HOST_SYS: 8,
    ACL_PROF_HOST_SYS_USAGE: 9,
    ACL_PROF_HOST_SYS_USAGE_FREQ: 10,
    ACL_PROF_LOW_POWER_FREQ: 11,
    ACL_PROF_SYS_MEM_SERVICEFLOW: 12,
    ACL_PROF_SYS_CPU_FREQ: 13,
    ACL_PROF_OPTYPE: 14,
    ACL_PROF_NTS_METRICS: 15,
    ACL_PROF_PATH: 16,
    ACL_PROF_ARGS_MAX: 17,
  },
  aclprofMessageType: { ACL_PROF_MESSAGE_TYPE_TENSOR_INFO: 0 },
}

export const profConstants: Constants = {
  ACL_PROF_ACL_API: '0x0001ULL',
  ACL_PROF_AICORE_METRICS: '0x0004ULL',
  ACL_PROF_AICORE_SHAPE: '0x800000000ULL',
  ACL_PROF_AICPU: '0x0008ULL',
  ACL_PROF_API_STATS: '0x400000000ULL',
  ACL_PROF_EVENT_ATTR_VERSION: '1',
  ACL_PROF_GE_API_L0: '0x0200ULL',
  ACL_PROF_GE_API_L1: '0x01000000ULL',
  ACL_PROF_HCCL_TRACE: '0x0020ULL',
  ACL_PROF_L2CACHE: '0x0010ULL',
  ACL_PROF_MAX_OP_NAME_LEN: '257',
  ACL_PROF_MAX_OP_TYPE_LEN: '65',
  ACL_PROF_MSPROFTX: '0x0080ULL',
  ACL_PROF_OP_ATTR: '0x4000ULL',
  ACL_PROF_RUNTIME_API: '0x0100ULL',
  ACL_PROF_TASK_MEMORY: '0x1000ULL',
  ACL_PROF_TASK_TIME: '0x0002ULL',
  ACL_PROF_TASK_TIME_L0: '0x0800ULL',
  ACL_PROF_TASK_TIME_L2: '0x2000ULL',
  ACL_PROF_TASK_TIME_L3: '0x8000ULL',
  ACL_PROF_TENSOR_DATA_SHAPE_LEN: '8',
  ACL_PROF_TRAINING_TRACE: '0x0040ULL',
}

export const profStructs: CStruct[] = [
  {
    name: 'aclprofTensor',
    kind: 'struct',
    bytes: 48,
    members: [
      'uint32_t type',
      'uint32_t format',
      'uint32_t dataType',
      'uint32_t shapeDim',
      'uint32_t shape[ACL_PROF_TENSOR_DATA_SHAPE_LEN]',
    ],
  },
  {
    name: 'aclprofTensorInfo',
    kind: 'struct',
    bytes: 48,
    members: [
      'uint64_t opNameId',
      'uint64_t opTypeId',
      'uint32_t resv',
      'uint32_t tensorNum',
      'uint32_t kernelType',
      'uint32_t blockNums',
      'void *stream',
      'aclprofTensor *tensors',
    ],
  },
  {
    name: 'aclprofEventAttributes',
    kind: 'struct',
    bytes: 16,
    members: [
      'uint16_t version',
      'uint16_t size',
      'uint32_t messageType',
      'union Message { aclprofTensorInfo* tensorInfo; } message',
    ],
  },
]

export const dumpEnums: Enums = {
  acldumpType: { AIC_ERR_BRIEF_DUMP: 1, AIC_ERR_NORM_DUMP: 2, AIC_ERR_DETAIL_DUMP: 3, DATA_DUMP: 4, OVERFLOW_DUMP: 5 },
  acldumpTensorType: { ACL_DUMP_TENSOR_INPUT: 0, ACL_DUMP_TENSOR_OUTPUT: 1, ACL_DUMP_TENSOR_WORKSPACE: 2 },
  acldumpTensorAddressType: { ACL_DUMP_ADDR_PTR: 0, ACL_DUMP_ADDR_PTR_PTR: 1, ACL_DUMP_ADDR_RAW: 2 },
  acldumpTensorPlacement: { ACL_DUMP_PLACEMENT_DEVICE: 0, ACL_DUMP_PLACEMENT_HOST: 1, ACL_DUMP_PLACEMENT_END: 2 },
}

export const dumpConstants: Constants = {
  ACL_DUMP_MAX_FILE_PATH_LENGTH: '4096',
  ACL_DUMP_MAX_SHAPE_NUM: '25',
  ACL_OP_DUMP_OP_AICORE_ARGS: '0x00000001U',
}

export const dumpStructs: CStruct[] = [
  {
    name: 'acldumpChunk',
    kind: 'struct',
    bytes: 4120,
    members: [
      'char fileName[ACL_DUMP_MAX_FILE_PATH_LENGTH]',
      'uint32_t bufLen',
      'uint32_t isLastChunk',
      'int64_t offset',
      'int32_t flag',
      '__extension__ uint8_t dataBuf[0]',
    ],
  },
  {
    name: 'acldumpTensorInfo',
    kind: 'struct',
    bytes: 456,
    members: [
      'acldumpTensorType type',
      'size_t tensorSize',
      'int32_t format',
      'int32_t dataType',
      'int64_t *tensorAddr',
      'acldumpTensorAddressType addrType',
      'acldumpTensorPlacement placement',
      'uint32_t argsOffset',
      'uint32_t shapeNum',
      'uint32_t originShapeNum',
      'uint64_t shape[ACL_DUMP_MAX_SHAPE_NUM]',
      'uint64_t originShape[ACL_DUMP_MAX_SHAPE_NUM]',
    ],
  },
]

export const platformEnums: Enums = {
  aclplatformDevInfo: {
    ACL_PLATFORM_AICORE_CNT: 0,
    ACL_PLATFORM_AICORE_UB_SIZE: 1,
    ACL_PLATFORM_CUBE_CORE_CNT: 2,
    ACL_PLATFORM_VECTOR_CORE_CNT: 3,
    ACL_PLATFORM_L2_SIZE: 4,
    ACL_PLATFORM_MEMORY_SIZE: 5,
    ACL_PLATFORM_CUBE_FREQ: 6,
    ACL_PLATFORM_VEC_FREQ: 7,
    ACL_PLATFORM_BT_SIZE: 8,
    ACL_PLATFORM_L0_A_SIZE: 9,
    ACL_PLATFORM_L0_B_SIZE: 10,
    ACL_PLATFORM_L0_C_SIZE: 11,
    ACL_PLATFORM_L1_SIZE: 12,
    ACL_PLATFORM_SOC_VERSION: 13,
    ACL_PLATFORM_AIC_VERSION: 14,
    ACL_PLATFORM_NPU_ARCH: 15,
    ACL_PLATFORM_MEMORY_TYPE: 16,
  },
  aclplatformCoreType: { ACL_PLATFORM_CORE_TYPE_AI_CORE: 0, ACL_PLATFORM_CORE_TYPE_VECTOR_CORE: 1 },
  aclplatformNpuArch: {
    DAV_1001: 1001,
    DAV_2002: 2002,
    DAV_2102: 2102,
    DAV_2201: 2201,
    DAV_3002: 3002,
    DAV_3003: 3003,
    DAV_3004: 3004,
    DAV_3102: 3102,
    DAV_3113: 3113,
    DAV_3505: 3505,
    DAV_3510: 3510,
    DAV_5102: 5102,
    DAV_5162: 5162,
    DAV_RESV: 65535,
  },
  aclplatformLocalMemType: { L0_A: 0, L0_B: 1, L0_C: 2, L1: 3, L2: 4, UB: 5, HBM: 6 },
}

export const poolEnums: Enums = {
  aclrtMemPoolAttr: {
    ACL_RT_MEM_POOL_REUSE_FOLLOW_EVENT_DEPENDENCIES: 1,
    ACL_RT_MEM_POOL_REUSE_ALLOW_OPPORTUNISTIC: 2,
    ACL_RT_MEM_POOL_REUSE_ALLOW_INTERNAL_DEPENDENCIES: 3,
    ACL_RT_MEM_POOL_ATTR_RELEASE_THRESHOLD: 4,
    ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_CURRENT: 5,
    ACL_RT_MEM_POOL_ATTR_RESERVED_MEM_HIGH: 6,
    ACL_RT_MEM_POOL_ATTR_USED_MEM_CURRENT: 7,
    ACL_RT_MEM_POOL_ATTR_USED_MEM_HIGH: 8,
  },
}

export const poolStructs: CStruct[] = [
  {
    name: 'aclrtMemPoolProps',
    kind: 'struct',
    bytes: 56,
    members: [
      'aclrtMemAllocationType allocType',
      'aclrtMemHandleType handleType',
      'aclrtMemLocation location',
      'size_t maxSize',
      'unsigned char reserved[32]',
    ],
  },
]
