/**
 * Numbers of the functions: the position in this list, counted from 1. Recordings and rings hold these numbers, so new
 * functions go to the end and none is ever taken out (test/generated/wire.txt keeps watch).
 */
export const numbered: readonly string[] = [
  'aclInit',
  'aclFinalize',
  'aclFinalizeReference',
  'aclGetRecentErrMsg',
  'aclrtGetVersion',
  'aclrtGetSocName',
  'aclrtPeekAtLastError',
  'aclrtGetLastError',
  'aclrtGetRunMode',
  'aclrtSetDevice',
  'aclrtResetDevice',
  'aclrtResetDeviceForce',
  'aclrtGetDevice',
  'aclrtGetDeviceCount',
  'aclrtGetDeviceInfo',
  'aclrtSynchronizeDevice',
  'aclrtCreateContext',
  'aclrtDestroyContext',
  'aclrtSetCurrentContext',
  'aclrtGetCurrentContext',
  'aclrtCtxGetCurrentDefaultStream',
  'aclrtCreateStream',
  'aclrtCreateStreamWithConfig',
  'aclrtDestroyStream',
  'aclrtDestroyStreamForce',
  'aclrtSynchronizeStream',
  'aclrtSynchronizeStreamWithTimeout',
  'aclrtStreamQuery',
  'aclrtStreamWaitEvent',
  'aclrtStreamGetPriority',
  'aclrtStreamGetId',
  'aclrtCreateEvent',
  'aclrtCreateEventWithFlag',
  'aclrtCreateEventExWithFlag',
  'aclrtDestroyEvent',
  'aclrtRecordEvent',
  'aclrtResetEvent',
  'aclrtQueryEvent',
  'aclrtQueryEventStatus',
  'aclrtQueryEventWaitStatus',
  'aclrtSynchronizeEvent',
  'aclrtSynchronizeEventWithTimeout',
  'aclrtEventElapsedTime',
  'aclrtEventGetTimestamp',
  'aclrtMalloc',
  'aclrtMallocAlign32',
  'aclrtFree',
  'aclrtMallocHost',
  'aclrtFreeHost',
  'aclrtMemcpy',
  'aclrtMemcpyAsync',
  'aclrtMemset',
  'aclrtMemsetAsync',
  'aclrtGetMemInfo',
  'aclrtMemGetAllocationGranularity',
  'aclrtReserveMemAddress',
  'aclrtReleaseMemAddress',
  'aclrtMallocPhysical',
  'aclrtFreePhysical',
  'aclrtMapMem',
  'aclrtUnmapMem',
  'aclrtBinaryLoadFromFile',
  'aclrtBinaryLoadFromData',
  'aclrtBinaryUnLoad',
  'aclrtBinaryGetFunction',
  'aclrtGetFunctionName',
  'aclrtKernelArgsGetHandleMemSize',
  'aclrtKernelArgsGetMemSize',
  'aclrtKernelArgsInit',
  'aclrtKernelArgsInitByUserMem',
  'aclrtKernelArgsAppend',
  'aclrtKernelArgsAppendPlaceHolder',
  'aclrtKernelArgsGetPlaceHolderBuffer',
  'aclrtKernelArgsParaUpdate',
  'aclrtKernelArgsFinalize',
  'aclrtLaunchKernel',
  'aclrtLaunchKernelV2',
  'aclrtLaunchKernelWithConfig',
  'aclrtLaunchKernelWithHostArgs',
  'aclmdlRICaptureBegin',
  'aclmdlRICaptureGetInfo',
  'aclmdlRICaptureEnd',
  'aclmdlRIExecuteAsync',
  'aclmdlRIExecute',
  'aclmdlRIDestroy',
  'aclrtHostRegister',
  'aclrtHostUnregister',
  'aclrtDeviceGetBareTgid',
  'aclrtIpcGetEventHandle',
  'aclrtIpcOpenEventHandle',
  'aclrtIpcMemGetExportKey',
  'aclrtIpcMemSetImportPid',
  'aclrtIpcMemImportByKey',
  'aclrtIpcMemClose',
  'aclrtMemExportToShareableHandle',
  'aclrtMemSetPidToShareableHandle',
  'aclrtMemImportFromShareableHandle',
  'aclrtSubscribeReport',
  'aclrtUnSubscribeReport',
  'aclrtProcessReport',
  'aclrtLaunchCallback',
  'aclrtLaunchHostFunc',
  ...`
    aclGetCannAttributeList aclGetCannAttribute aclGetDeviceCapability aclsysGetCANNVersion aclsysGetVersionStr
    aclsysGetVersionNum aclInitCallbackRegister aclInitCallbackUnRegister aclFinalizeCallbackRegister
    aclFinalizeCallbackUnRegister aclAppLog aclrtSetExceptionInfoCallback aclrtExceptionInfoCallbackRegister
    aclrtExceptionInfoCallbackUnregister aclrtGetTaskIdFromExceptionInfo aclrtGetStreamIdFromExceptionInfo
    aclrtGetThreadIdFromExceptionInfo aclrtGetDeviceIdFromExceptionInfo aclrtGetErrorCodeFromExceptionInfo
    aclrtGetArgsFromExceptionInfo aclrtGetFuncHandleFromExceptionInfo aclrtBinarySetExceptionCallback
    aclrtGetErrorVerbose aclrtRepairError aclrtGetMemUceInfo aclrtMemUceRepair aclrtGetThreadLastTaskId
    aclrtCacheLastTaskOpInfo aclrtCacheLastTaskExtendInfo aclrtSnapShotProcessLock aclrtSnapShotProcessUnlock
    aclrtSnapShotProcessBackup aclrtSnapShotProcessRestore aclrtSnapShotCallbackRegister aclrtSnapShotCallbackUnregister
    aclrtCheckArchCompatibility aclrtProfTrace aclrtSynchronizeDeviceWithTimeout aclrtSetTsDevice
    aclrtGetDeviceUtilizationRate aclrtQueryDeviceStatus aclrtDeviceCanAccessPeer aclrtDeviceEnablePeerAccess
    aclrtDeviceDisablePeerAccess aclrtDevicePeerAccessStatus aclrtSetOpWaitTimeout aclrtSetOpExecuteTimeOut
    aclrtSetOpExecuteTimeOutWithMs aclrtSetOpExecuteTimeOutV2 aclrtGetOpTimeOutInterval aclrtGetOpExecuteTimeout
    aclrtSetDeviceSatMode aclrtGetDeviceSatMode aclrtGetDeviceCapability aclrtDeviceGetUuid aclrtDeviceSetLimit
    aclrtDeviceGetLimit aclrtDeviceGetPCIBusId aclrtDeviceGetByPCIBusId aclrtDeviceGetHostAtomicCapabilities
    aclrtDeviceGetP2PAtomicCapabilities aclrtGetDevicesTopo aclrtGetLogicDevIdByUserDevId aclrtGetUserDevIdByLogicDevId
    aclrtGetLogicDevIdByPhyDevId aclrtGetPhyDevIdByLogicDevId aclrtGetUserDevIdByPhyDevId aclrtGetPhyDevIdByUserDevId
    aclrtDeviceTaskAbort aclrtSetDeviceTaskAbortCallback aclrtRegDeviceStateCallback aclrtGetPrimaryCtxState
    aclrtCtxGetSysParamOpt aclrtCtxSetSysParamOpt aclrtGetSysParamOpt aclrtSetSysParamOpt aclrtGetDeviceResLimit
    aclrtSetDeviceResLimit aclrtResetDeviceResLimit aclrtGetResInCurrentThread aclrtDeviceL2CacheFlush
    aclrtGetHardwareSyncAddr aclrtCtxGetFloatOverflowAddr aclrtSetGroup aclrtGetGroupCount aclrtCreateGroupInfo
    aclrtDestroyGroupInfo aclrtGetAllGroupInfo aclrtGetGroupInfoDetail aclrtCreateStreamConfigHandle
    aclrtDestroyStreamConfigHandle aclrtSetStreamConfigOpt aclrtCreateStreamV2 aclrtStreamGetFlags
    aclrtSetStreamFailureMode aclrtSetStreamOverflowSwitch aclrtGetStreamOverflowSwitch aclrtSetStreamAttribute
    aclrtGetStreamAttribute aclrtGetStreamAvailableNum aclrtDeviceGetStreamPriorityRange aclrtStreamAbort
    aclrtStreamStop aclrtPersistentTaskClean aclrtRegStreamStateCallback aclrtActiveStream aclrtSwitchStream
    aclrtSetStreamResLimit aclrtGetStreamResLimit aclrtResetStreamResLimit aclrtUseStreamResInCurrentThread
    aclrtUnuseStreamResInCurrentThread aclrtSubscribeHostFunc aclrtProcessHostFunc aclrtUnSubscribeHostFunc
    aclrtCreateLabel aclrtSetLabel aclrtDestroyLabel aclrtCreateLabelList aclrtDestroyLabelList aclrtSwitchLabelByIndex
    aclrtGetOverflowStatus aclrtResetOverflowStatus aclrtGetFloatOverflowStatus aclrtResetFloatOverflowStatus
    aclrtNpuGetFloatOverFlowStatus aclrtNpuClearFloatOverFlowStatus aclrtRandomNumAsync aclrtTaskUpdateAsync
    aclrtRecordEventWithFlag aclrtStreamWaitEventWithFlag aclrtStreamWaitEventWithTimeout aclrtGetEventId
    aclrtGetEventAvailNum aclrtCreateNotify aclrtDestroyNotify aclrtRecordNotify aclrtWaitAndResetNotify
    aclrtGetNotifyId aclrtNotifyBatchReset aclrtNotifyGetExportKey aclrtNotifyImportByKey aclrtNotifySetImportPid
    aclrtNotifySetImportPidInterServer aclrtCntNotifyCreate aclrtCntNotifyDestroy aclrtCntNotifyRecord
    aclrtCntNotifyWaitWithTimeout aclrtCntNotifyReset aclrtCntNotifyGetId aclrtValueWrite aclrtValueWait
    aclrtMallocCached aclrtMallocWithCfg aclrtMallocForTaskScheduler aclrtMallocHostWithCfg aclrtFreeWithDevSync
    aclrtFreeHostWithDevSync aclrtHostRegisterV2 aclrtHostGetDevicePointer aclrtHostMemMapCapabilities
    aclrtMemAllocManaged aclrtMemManagedGetAttr aclrtMemManagedGetAttrs aclrtMemManagedAdvise
    aclrtMemManagedPrefetchAsync aclrtMemManagedPrefetchBatchAsync aclrtPointerGetAttributes aclrtGetMemUsageInfo
    aclrtCheckMemType aclrtMemFlush aclrtMemInvalidate aclrtMemGetAddressRange aclrtMemPoolCreate aclrtMemPoolDestroy
    aclrtMemPoolSetAttr aclrtMemPoolGetAttr aclrtMemPoolMallocAsync aclrtMemPoolFreeAsync aclrtMemPoolTrimTo
    aclrtMemsetD32 aclrtMemsetD32Async aclrtMemcpyAsyncWithCondition aclrtMemcpy2d aclrtMemcpy2dAsync
    aclrtGetSymbolAddress aclrtGetSymbolSize aclrtMemcpyFromSymbol aclrtMemcpyFromSymbolAsync aclrtMemcpyToSymbol
    aclrtMemcpyToSymbolAsync aclrtGetMemcpyDescSize aclrtSetMemcpyDesc aclrtMemcpyAsyncWithOffset
    aclrtMemcpyAsyncWithDesc aclrtMemcpyBatch aclrtMemcpyBatchV2 aclrtMemcpyBatchAsync aclrtMemcpyBatchAsyncV2
    aclrtReduceAsync aclrtCmoAsync aclrtCmoAsyncWithBarrier aclrtCmoWaitBarrier aclrtCmoGetDescSize aclrtCmoSetDesc
    aclrtCmoAsyncWithDesc aclrtReserveMemAddressNoUCMemory aclrtMemMapNoAccess aclrtMemSetAccess aclrtMemGetAccess
    aclrtMemRetainAllocationHandle aclrtMemGetAllocationPropertiesFromHandle aclrtMemP2PMap aclrtMemMapSelectedLink
    aclrtMemMapSetLink aclrtMemExportToShareableHandleV2 aclrtMemImportFromShareableHandleV2
    aclrtMemSetPidToShareableHandleV2 aclrtIpcMemSetAttr aclrtIpcMemImportPidInterServer aclrtAllocBuf aclrtFreeBuf
    aclrtGetBufData aclrtGetBufDataLen aclrtSetBufDataLen aclrtGetBufUserData aclrtSetBufUserData aclrtAppendBufChain
    aclrtGetBufFromChain aclrtGetBufChainNum aclrtCopyBufRef aclrtAllocatorCreateDesc aclrtAllocatorDestroyDesc
    aclrtAllocatorSetObjToDesc aclrtAllocatorSetAllocFuncToDesc aclrtAllocatorSetFreeFuncToDesc
    aclrtAllocatorSetAllocAdviseFuncToDesc aclrtAllocatorSetGetAddrFromBlockFuncToDesc aclrtAllocatorRegister
    aclrtAllocatorGetByStream aclrtAllocatorUnregister aclrtCreateBinary aclrtDestroyBinary aclrtBinaryLoad
    aclrtBinaryGetDevAddress aclrtBinaryGetFunctionByEntry aclrtBinaryGetGlobal aclrtGetFuncBySymbol
    aclrtRegisterCpuFunc aclrtGetFunctionAddr aclrtGetFunctionSize aclrtGetFunctionAttribute aclrtFunctionGetBinary
    aclrtFunctionGetParamCount aclrtFunctionGetParamInfo aclrtFunctionGetAvailDynUbufPerBlock
    aclrtLaunchKernelWithArgsArray aclrtLaunchSIMTKernelWithArgsArray aclrtLaunchSIMTKernelWithHostArgs
    aclmdlRIBuildBegin aclmdlRIBindStream aclmdlRIEndTask aclmdlRIBuildEnd aclmdlRIUnbindStream aclmdlRISetName
    aclmdlRIGetName aclmdlRIGetId aclmdlRIDestroyRegisterCallback aclmdlRIDestroyUnregisterCallback aclmdlRIGetStreams
    aclmdlRIGetTasksByStream aclmdlRITaskGetType aclmdlRITaskGetSeqId aclmdlRITaskGetParams aclmdlRITaskSetParams
    aclmdlRIKernelTaskGetAttribute aclmdlRIUpdate aclmdlRITaskDisable aclmdlRIDebugPrint aclmdlRIDebugJsonPrint
    aclmdlRICaptureThreadExchangeMode aclmdlRICaptureToModelRIBegin aclmdlRICaptureTaskGrpBegin
    aclmdlRICaptureTaskGrpEnd aclmdlRICaptureTaskUpdateBegin aclmdlRICaptureTaskUpdateEnd aclmdlRIAbort
    aclmdlRICondHandleCreate aclmdlRICondHandleGetCondPtr aclmdlRIAddCondTask aclmdlInitDump aclmdlSetDump
    aclmdlFinalizeDump aclFloat16ToFloat aclFloatToFloat16 aclCreateDataBuffer aclDestroyDataBuffer aclUpdateDataBuffer
    aclGetDataBufferAddr aclGetDataBufferSize aclGetDataBufferSizeV2 aclDataTypeSize aclCreateTensorDesc
    aclDestroyTensorDesc aclSetTensorShapeRange aclSetTensorValueRange aclGetTensorDescType aclGetTensorDescFormat
    aclGetTensorDescSize aclGetTensorDescElementCount aclGetTensorDescNumDims aclGetTensorDescDim aclGetTensorDescDimV2
    aclGetTensorDescDimRange aclSetTensorDescName aclGetTensorDescName aclTransTensorDescFormat
    aclSetTensorStorageFormat aclSetTensorStorageShape aclSetTensorFormat aclSetTensorShape aclSetTensorOriginFormat
    aclSetTensorOriginShape aclGetTensorDescByIndex aclGetTensorDescAddress aclSetTensorDynamicInput aclSetTensorConst
    aclSetTensorPlaceMent aclmdlCreateDesc aclmdlDestroyDesc aclmdlGetDesc aclmdlGetDescFromFile aclmdlGetDescFromMem
    aclmdlGetNumInputs aclmdlGetNumOutputs aclmdlGetInputSizeByIndex aclmdlGetOutputSizeByIndex
    aclmdlCreateExecConfigHandle aclmdlDestroyExecConfigHandle aclmdlCreateDataset aclmdlDestroyDataset
    aclmdlAddDatasetBuffer aclmdlSetDatasetTensorDesc aclmdlGetDatasetTensorDesc aclmdlGetDatasetNumBuffers
    aclmdlGetDatasetBuffer aclmdlLoadFromFile aclmdlLoadFromMem aclmdlLoadFromFileWithMem aclmdlLoadFromMemWithMem
    aclmdlLoadFromFileWithQ aclmdlLoadFromMemWithQ aclmdlLoadWithConfig aclmdlLoadFromModel aclmdlUnload
    aclmdlBundleLoadFromFile aclmdlBundleLoadFromMem aclmdlBundleUnload aclmdlBundleGetModelNum aclmdlBundleGetModelId
    aclmdlBundleCreateQueryInfo aclmdlBundleDestroyQueryInfo aclmdlBundleQueryInfoFromFile aclmdlBundleQueryInfoFromMem
    aclmdlBundleGetQueryModelNum aclmdlBundleGetVarWeightSize aclmdlBundleGetSize aclmdlBundleInitFromFile
    aclmdlBundleInitFromMem aclmdlBundleLoadModel aclmdlBundleLoadModelWithMem aclmdlBundleLoadModelWithConfig
    aclmdlBundleUnloadModel aclmdlExecute aclmdlExecuteV2 aclmdlExecuteAsync aclmdlExecuteAsyncV2 aclmdlSetAttribute
    aclmdlGetAttribute aclmdlQuerySize aclmdlQueryExeOMDesc aclmdlQuerySizeFromMem aclmdlSetDynamicBatchSize
    aclmdlSetDynamicHWSize aclmdlSetInputDynamicDims aclmdlGetInputDims aclmdlGetInputDimsV2 aclmdlGetInputDimsRange
    aclmdlGetOutputDims aclmdlGetCurOutputDims aclmdlGetOpAttr aclmdlGetInputNameByIndex aclmdlGetOutputNameByIndex
    aclmdlGetInputFormat aclmdlGetOutputFormat aclmdlGetInputDataType aclmdlGetOutputDataType aclmdlGetInputIndexByName
    aclmdlGetOutputIndexByName aclmdlGetDynamicBatch aclmdlGetDynamicHW aclmdlGetInputDynamicGearCount
    aclmdlGetInputDynamicDims aclmdlGetTensorRealName aclmdlCreateAndGetOpDesc aclmdlCreateConfigHandle
    aclmdlDestroyConfigHandle aclmdlSetConfigOpt aclmdlSetExecConfigOpt aclmdlSetExternalWeightAddress
    aclRecoverAllHcclTasks aclmdlCreateAIPP aclmdlDestroyAIPP aclmdlGetAippDataSize aclmdlSetAIPPInputFormat
    aclmdlSetAIPPCscParams aclmdlSetAIPPRbuvSwapSwitch aclmdlSetAIPPAxSwapSwitch aclmdlSetAIPPSrcImageSize
    aclmdlSetAIPPScfParams aclmdlSetAIPPCropParams aclmdlSetAIPPPaddingParams aclmdlSetAIPPDtcPixelMean
    aclmdlSetAIPPDtcPixelMin aclmdlSetAIPPPixelVarReci aclmdlSetInputAIPP aclmdlSetAIPPByInputIndex aclmdlGetAippType
    aclmdlGetFirstAippInfo aclopSetModelDir aclopLoad aclopCreateAttr aclopDestroyAttr aclopSetAttrBool aclopSetAttrInt
    aclopSetAttrFloat aclopSetAttrString aclopSetAttrDataType aclopSetAttrListDataType aclopSetAttrListBool
    aclopSetAttrListInt aclopSetAttrListFloat aclopSetAttrListString aclopSetAttrListListInt aclopExecute aclopExecuteV2
    aclopCreateHandle aclopDestroyHandle aclopExecWithHandle aclopCast aclopCreateHandleForCast aclopCreateKernel
    aclopRegisterCompileFunc aclopUnregisterCompileFunc aclopSetKernelArgs aclopSetKernelWorkspaceSizes
    aclopUpdateParams aclopSetMaxOpQueueNum aclopInferShape aclopStartDumpArgs aclopStopDumpArgs aclopCompile
    aclopCompileAndExecute aclopCompileAndExecuteV2 aclSetCompileopt aclGetCompileoptSize aclGetCompileopt
    aclopSetCompileFlag aclGenGraphAndDumpForOp aclCreateGraphDumpOpt aclDestroyGraphDumpOpt aclblasGemvEx
    aclblasCreateHandleForGemvEx aclblasHgemv aclblasCreateHandleForHgemv aclblasS8gemv aclblasCreateHandleForS8gemv
    aclblasGemmEx aclblasCreateHandleForGemmEx aclblasHgemm aclblasCreateHandleForHgemm aclblasS8gemm
    aclblasCreateHandleForS8gemm acltdtGetTensorTypeFromItem acltdtGetDataTypeFromItem acltdtGetDataAddrFromItem
    acltdtGetDataSizeFromItem acltdtGetDimNumFromItem acltdtGetSliceInfoFromItem acltdtGetDimsFromItem
    acltdtCreateDataItem acltdtDestroyDataItem acltdtCreateDataset acltdtDestroyDataset acltdtGetDataItem
    acltdtAddDataItem acltdtGetDatasetSize acltdtGetDatasetName acltdtStopChannel acltdtCreateChannel
    acltdtCreateChannelWithCapacity acltdtDestroyChannel acltdtCleanChannel acltdtSendTensor acltdtReceiveTensor
    acltdtQueryChannelSize acltdtCreateQueue acltdtDestroyQueue acltdtEnqueue acltdtDequeue acltdtEnqueueData
    acltdtDequeueData acltdtGrantQueue acltdtAttachQueue acltdtBindQueueRoutes acltdtUnbindQueueRoutes
    acltdtQueryQueueRoutes acltdtAllocBuf acltdtFreeBuf acltdtGetBufData acltdtSetBufDataLen acltdtGetBufDataLen
    acltdtAppendBufChain acltdtGetBufChainNum acltdtGetBufFromChain acltdtGetBufUserData acltdtSetBufUserData
    acltdtCopyBufRef acltdtCreateQueueAttr acltdtDestroyQueueAttr acltdtSetQueueAttr acltdtGetQueueAttr
    acltdtCreateQueueRoute acltdtDestroyQueueRoute acltdtGetQueueRouteParam acltdtCreateQueueRouteList
    acltdtDestroyQueueRouteList acltdtAddQueueRoute acltdtGetQueueRoute acltdtGetQueueRouteNum
    acltdtCreateQueueRouteQueryInfo acltdtDestroyQueueRouteQueryInfo acltdtSetQueueRouteQueryInfo aclprofInit
    aclprofFinalize aclprofStart aclprofStop aclprofCreateConfig aclprofDestroyConfig aclprofSetConfig
    aclprofModelSubscribe aclprofModelUnSubscribe aclprofCreateSubscribeConfig aclprofDestroySubscribeConfig
    aclprofGetOpDescSize aclprofGetOpNum aclprofGetOpTypeLen aclprofGetOpType aclprofGetOpNameLen aclprofGetOpName
    aclprofGetOpStart aclprofGetOpEnd aclprofGetOpDuration aclprofGetModelId aclprofGetOpFlag aclprofGetOpAttriValue
    aclprofGetStepTimestamp aclprofCreateStepInfo aclprofDestroyStepInfo aclprofCreateStamp aclprofDestroyStamp
    aclprofPush aclprofPop aclprofRangeStart aclprofRangeStop aclprofSetStampTraceMessage aclprofMark aclprofMarkEx
    aclprofStr2Id aclprofRangePushEx aclprofRangePop acldumpRegCallback acldumpUnregCallback acldumpGetPath
    acldumpSaveExceptionInfo acldumpGetExceptionInfoPath aclplatformGetDeviceInfo aclplatformGetInstructionInfo
    aclCreateTensor aclCreateScalar aclCreateIntArray aclCreateFloatArray aclCreateBoolArray aclCreateTensorList
    aclCreateScalarList aclDestroyTensor aclDestroyScalar aclDestroyIntArray aclDestroyFloatArray aclDestroyBoolArray
    aclDestroyTensorList aclDestroyScalarList aclGetViewShape aclGetStorageShape aclGetViewStrides aclGetViewOffset
    aclGetFormat aclGetDataType aclGetIntArraySize aclGetFloatArraySize aclGetBoolArraySize aclGetTensorListSize
    aclGetScalarListSize aclInitTensor aclSetAclOpExecutorRepeatable aclDestroyAclOpExecutor aclSetInputTensorAddr
    aclSetOutputTensorAddr aclSetDynamicInputTensorAddr aclSetDynamicOutputTensorAddr aclSetTensorAddr
    aclSetDynamicTensorAddr aclSetRawTensorAddr aclGetRawTensorAddr aclDumpOpTensors aclnnInit aclnnFinalize
    HcclCommInitClusterInfo HcclCommInitClusterInfoConfig HcclCreateSubCommConfig HcclGetRootInfo HcclCommInitRootInfo
    HcclCommInitRootInfoConfig HcclCommInitAll HcclCommDestroy HcclSetConfig HcclGetConfig HcclSetCommConfig
    HcclGetCommConfig HcclGetCommName HcclGetRankSize HcclGetRankId HcclGetCommAsyncError HcclGetErrorString
    HcclGetCommConfigCapability HcclCommSuspend HcclCommResume HcclCommSetMemoryRange HcclCommUnsetMemoryRange
    HcclCommActivateCommMemory HcclCommDeactivateCommMemory HcclCommWorkingDevNicSet HcclGroupStart HcclGroupEnd
    HcclCommRegister HcclCommDeregister HcclCommExchangeMem HcclAllReduce HcclBroadcast HcclReduceScatter
    HcclReduceScatterV HcclScatter HcclAllGather HcclAllGatherV HcclReduce HcclSend HcclRecv HcclAlltoAll HcclAlltoAllV
    HcclAlltoAllVC HcclBatchSendRecv HcclBarrier rtSetDevice rtDeviceReset rtGetSocVersion rtGetSocSpec rtGetAiCoreCount
    rtGetAiCpuCount rtGetC2cCtrlAddr rtGetTaskIdAndStreamID rtRegTaskFailCallbackByModule rtRegStreamStateCallback
    rtSetExceptionExtInfo rtStreamCreate rtStreamDestroy rtStreamSynchronize rtStreamAddToModel rtStreamWaitEvent
    rtEventRecord rtModelExecute rtMalloc rtFree rtMallocHost rtFreeHost rtMemcpy rtMemcpyAsync rtMemsetAsync
    rtDevBinaryRegister rtRegisterAllKernel rtDevBinaryUnRegister rtFunctionRegister rtKernelLaunch
    rtKernelLaunchWithFlag rtKernelLaunchWithFlagV2 rtKernelLaunchWithHandle rtKernelLaunchWithHandleV2
    rtAicpuKernelLaunchExWithArgs rtFusionLaunch
  `
    .trim()
    .split(/\s+/),
]
