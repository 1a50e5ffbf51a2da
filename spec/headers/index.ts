/** Every header that build/gen/include has, in the order of their includes; functions come from spec/api/ by `header`. */
import { baseEnums } from './base-enums.ts'
import { hcclConstants, hcclEnums, hcclInline, hcclStructs } from './collectives.ts'
import { deviceEnums } from './device-enums.ts'
import { errorCodes, graphEngineErrors } from './errors.ts'
import { floorConstants, floorEnums, floorStructs } from './floor.ts'
import * as libraries from './libraries.ts'
import * as models from './models.ts'
import { runtimeConstants } from './runtime-constants.ts'
import { runtimeEnums } from './runtime-enums.ts'
import { runtimeStructs } from './runtime-structs.ts'
import type { Header } from './types.ts'

export const headers: Header[] = [
  {
    path: 'acl/acl_base_rt.h',
    includes: ['stddef.h', 'stdint.h'],
    plain: { aclError: 'int @', aclFloat16: 'uint16_t @' },
    opaque: ['aclDataBuffer'],
    handles: [
      'aclrtStream',
      'aclmdlRITask',
      'aclrtEvent',
      'aclrtContext',
      'aclrtNotify',
      'aclrtCntNotify',
      'aclrtLabel',
      'aclrtLabelList',
      'aclrtMbuf',
      'aclrtAllocatorDesc',
      'aclrtAllocator',
      'aclrtAllocatorBlock',
      'aclrtAllocatorAddr',
      'aclrtTaskGrp',
    ],
    codes: errorCodes,
    enums: baseEnums,
  },
  {
    path: 'acl/acl_base_mdl.h',
    includes: ['acl/acl_base_rt.h'],
    opaque: ['aclTensorDesc'],
    constants: {
      ACL_TENSOR_SHAPE_RANGE_NUM: '2',
      ACL_TENSOR_VALUE_RANGE_NUM: '2',
      ACL_UNKNOWN_RANK: '0xFFFFFFFFFFFFFFFE',
    },
  },
  { path: 'acl/error_codes/rt_error_codes.h', includes: ['acl/acl_base_rt.h'] },
  { path: 'acl/error_codes/ge_error_codes.h', includes: ['stdint.h'], codes: graphEngineErrors },
  {
    path: 'acl/acl_base.h',
    includes: [
      'acl/acl_base_rt.h',
      'acl/acl_base_mdl.h',
      'acl/error_codes/rt_error_codes.h',
      'acl/error_codes/ge_error_codes.h',
    ],
  },
  {
    path: 'acl/acl_rt_allocator.h',
    includes: ['acl/acl_base.h'],
    callbacks: {
      aclrtAllocatorAllocFunc: 'void *(*@)(aclrtAllocator allocator, size_t size)',
      aclrtAllocatorFreeFunc: 'void (*@)(aclrtAllocator allocator, aclrtAllocatorBlock block)',
      aclrtAllocatorAllocAdviseFunc: 'void *(*@)(aclrtAllocator allocator, size_t size, aclrtAllocatorAddr addr)',
      aclrtAllocatorGetAddrFromBlockFunc: 'void *(*@)(aclrtAllocatorBlock block)',
    },
  },
  {
    path: 'acl/acl_rt.h',
    includes: ['stdbool.h', 'acl/acl_base.h', 'acl/acl_rt_allocator.h'],
    handles: [
      'aclrtDrvMemHandle',
      'aclrtBinary',
      'aclrtBinHandle',
      'aclrtFuncHandle',
      'aclrtArgsHandle',
      'aclrtParamHandle',
      'aclmdlRI',
      'aclmdlRICondHandle',
    ],
    opaque: ['aclrtUtilizationExtendInfo', 'tagRtGroupInfo aclrtGroupInfo', 'rtExceptionInfo aclrtExceptionInfo'],
    constants: runtimeConstants,
    enums: { ...runtimeEnums, ...deviceEnums },
    structs: runtimeStructs,
    callbacks: {
      aclrtCallback: 'void (*@)(void *userData)',
      aclrtHostFunc: 'void (*@)(void *args)',
      aclrtExceptionInfoCallback: 'void (*@)(aclrtExceptionInfo *exceptionInfo)',
      aclrtOpExceptionCallback: 'void (*@)(aclrtExceptionInfo *exceptionInfo, void *userData)',
      aclrtDeviceStateCallback: 'void (*@)(int32_t deviceId, aclrtDeviceState state, void *args)',
      aclrtSnapShotCallBack: 'uint32_t (*@)(int32_t deviceId, void *args)',
      aclrtStreamStateCallback: 'void (*@)(aclrtStream stm, aclrtStreamState state, void *args)',
      aclrtDeviceTaskAbortCallback:
        'int32_t (*@)(int32_t deviceId, aclrtDeviceTaskAbortStage stage, uint32_t timeout, void *args)',
      aclInitCallbackFunc: 'aclError (*@)(const char *configStr, size_t len, void *userData)',
      aclFinalizeCallbackFunc: 'aclError (*@)(void *userData)',
    },
  },
  {
    path: 'acl/acl_rt_memory_soma.h',
    includes: ['acl/acl_rt.h'],
    handles: ['aclrtMemPool'],
    enums: libraries.poolEnums,
    structs: libraries.poolStructs,
  },
  {
    path: 'acl/acl_dump.h',
    includes: ['acl/acl_base.h'],
    constants: libraries.dumpConstants,
    enums: libraries.dumpEnums,
    structs: libraries.dumpStructs,
  },
  {
    path: 'acl/acl_op.h',
    includes: ['acl/acl_base.h', 'acl/acl_rt.h', 'acl/acl_dump.h'],
    opaque: ['aclopHandle', 'aclopAttr', 'aclopKernelDesc'],
    constants: { ACL_COMPILE_FLAG_BIN_SELECTOR: '1' },
    enums: models.operatorEnums,
    callbacks: {
      aclDataDeallocator: 'void (*@)(void *data, size_t length)',
      aclopCompileFunc:
        'aclError (*@)(int numInputs, const aclTensorDesc *const inputDesc[], int numOutputs, const aclTensorDesc *const outputDesc[], const aclopAttr *opAttr, aclopKernelDesc *kernelDesc)',
    },
  },
  {
    path: 'acl/acl_mdl.h',
    includes: ['acl/acl_base.h', 'acl/acl_rt.h'],
    handles: ['aclmdlModel'],
    opaque: [
      'aclmdlDataset',
      'aclmdlDesc',
      'aclmdlAIPP',
      'aclAippExtendInfo',
      'aclmdlConfigHandle',
      'aclmdlExecConfigHandle',
      'aclmdlBundleQueryInfo',
    ],
    constants: models.modelConstants,
    enums: models.modelEnums,
    structs: models.modelStructs,
  },
  { path: 'acl/acl.h', includes: ['acl/acl_rt.h', 'acl/acl_op.h', 'acl/acl_mdl.h'] },
  {
    path: 'acl/acl_op_compiler.h',
    includes: ['acl/acl_base.h', 'acl/acl_op.h'],
    opaque: ['aclGraphDumpOption'],
    enums: models.compilerEnums,
  },
  { path: 'acl/ops/acl_cblas.h', includes: ['acl/acl.h'], enums: models.blasEnums },
  {
    path: 'acl/acl_tdt.h',
    includes: ['acl/acl_base.h'],
    opaque: ['acltdtDataItem', 'acltdtDataset', 'acltdtChannelHandle'],
    enums: libraries.tdtChannelEnums,
  },
  {
    path: 'acl/acl_tdt_queue.h',
    includes: ['acl/acl_base.h'],
    handles: ['acltdtBuf'],
    opaque: [
      'tagMemQueueAttr acltdtQueueAttr',
      'acltdtQueueRouteList',
      'acltdtQueueRouteQueryInfo',
      'acltdtQueueRoute',
    ],
    constants: libraries.tdtQueueConstants,
    enums: libraries.tdtQueueEnums,
  },
  {
    path: 'acl/acl_prof.h',
    includes: ['acl/acl_base.h'],
    opaque: ['aclprofConfig', 'aclprofStopConfig', 'aclprofAicoreEvents', 'aclprofSubscribeConfig', 'aclprofStepInfo'],
    constants: libraries.profConstants,
    enums: libraries.profEnums,
    structs: libraries.profStructs,
  },
  { path: 'acl/acl_platform.h', includes: ['acl/acl_base.h'], enums: libraries.platformEnums },
  {
    path: 'aclnn/acl_meta.h',
    includes: ['stdbool.h', 'acl/acl_base.h'],
    plain: { aclnnStatus: 'int32_t @' },
    opaque: [
      'aclOpExecutor',
      'aclTensor',
      'aclScalar',
      'aclIntArray',
      'aclFloatArray',
      'aclBoolArray',
      'aclTensorList',
      'aclScalarList',
    ],
  },
  { path: 'aclnn/aclnn_base.h', includes: ['aclnn/acl_meta.h'] },
  {
    path: 'hccl/hccl_types.h',
    includes: ['stdint.h'],
    handles: ['HcclComm', 'HcclConn'],
    constants: hcclConstants,
    enums: hcclEnums,
    structs: hcclStructs,
  },
  {
    path: 'hccl/hccl.h',
    includes: ['stdbool.h', 'string.h', 'acl/acl.h', 'hccl/hccl_types.h'],
    inline: hcclInline,
  },
  {
    path: 'runtime/rt.h',
    includes: ['stdbool.h', 'stddef.h', 'stdint.h'],
    plain: { rtError_t: 'int32_t @', rtMemType_t: 'uint32_t @' },
    handles: ['rtStream_t', 'rtEvent_t', 'rtModel_t'],
    constants: floorConstants,
    enums: floorEnums,
    structs: floorStructs,
  },
]
