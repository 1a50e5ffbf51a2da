/** Offline models: loading, describing, and running them. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const modelsFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_mdl.h',
    'libacl_mdl.so',
    `
aclmdlDesc *aclmdlCreateDesc()
  host client -- Room for a description of a model.
aclError aclmdlDestroyDesc(aclmdlDesc *modelDesc)
  host client -- Gives that room back.
aclError aclmdlGetDesc(aclmdlDesc *modelDesc, uint32_t modelId)
  query refused -- Describes a loaded model.
aclError aclmdlGetDescFromFile(aclmdlDesc *modelDesc, const char *modelPath)
  query client modelDesc:inout -- Describes a model in a file.
aclError aclmdlGetDescFromMem(aclmdlDesc *modelDesc, const void *model, size_t modelSize)
  query client modelDesc:inout model:bytes=modelSize -- Describes a model in memory.
size_t aclmdlGetNumInputs(aclmdlDesc *modelDesc)
  query client -- Inputs of a model.
size_t aclmdlGetNumOutputs(aclmdlDesc *modelDesc)
  query client -- Outputs of a model.
size_t aclmdlGetInputSizeByIndex(aclmdlDesc *modelDesc, size_t index)
  query client -- Bytes of an input.
size_t aclmdlGetOutputSizeByIndex(aclmdlDesc *modelDesc, size_t index)
  query client -- Bytes of an output.
aclmdlExecConfigHandle *aclmdlCreateExecConfigHandle()
  host client -- Settings of a run.
aclError aclmdlDestroyExecConfigHandle(const aclmdlExecConfigHandle *handle)
  host client -- Gives the settings back.
aclmdlDataset *aclmdlCreateDataset()
  host client -- A list of data buffers.
aclError aclmdlDestroyDataset(const aclmdlDataset *dataset)
  host client -- Ends the list.
aclError aclmdlAddDatasetBuffer(aclmdlDataset *dataset, aclDataBuffer *dataBuffer)
  host client -- Adds a buffer to a list.
aclError aclmdlSetDatasetTensorDesc(aclmdlDataset *dataset, aclTensorDesc *tensorDesc, size_t index)
  host client -- Describes a buffer of a list.
aclTensorDesc *aclmdlGetDatasetTensorDesc(const aclmdlDataset *dataset, size_t index)
  query client -- Description of a buffer of a list.
size_t aclmdlGetDatasetNumBuffers(const aclmdlDataset *dataset)
  query client -- Buffers of a list.
aclDataBuffer *aclmdlGetDatasetBuffer(const aclmdlDataset *dataset, size_t index)
  query client -- A buffer of a list.
aclError aclmdlLoadFromFile(const char *modelPath, uint32_t *modelId)
  create refused -- Loads a model.
aclError aclmdlLoadFromMem(const void *model, size_t modelSize, uint32_t *modelId)
  create refused model:bytes=modelSize -- Loads a model from memory.
aclError aclmdlLoadFromFileWithMem(const char *modelPath, uint32_t *modelId, void *workPtr, size_t workSize, void *weightPtr, size_t weightSize)
  create refused workPtr:device,nullable weightPtr:device,nullable -- Loads a model into memory of the program.
aclError aclmdlLoadFromMemWithMem(const void *model, size_t modelSize, uint32_t *modelId, void *workPtr, size_t workSize, void *weightPtr, size_t weightSize)
  create refused model:bytes=modelSize workPtr:device,nullable weightPtr:device,nullable -- Loads a model from memory into memory of the program.
aclError aclmdlLoadFromFileWithQ(const char *modelPath, uint32_t *modelId, const uint32_t *inputQ, size_t inputQNum, const uint32_t *outputQ, size_t outputQNum)
  create refused -- Loads a model between queues.
aclError aclmdlLoadFromMemWithQ(const void *model, size_t modelSize, uint32_t *modelId, const uint32_t *inputQ, size_t inputQNum, const uint32_t *outputQ, size_t outputQNum)
  create refused model:bytes=modelSize -- Loads a model from memory between queues.
aclError aclmdlLoadWithConfig(const aclmdlConfigHandle *handle, uint32_t *modelId)
  create refused -- Loads a model with settings.
aclError aclmdlLoadFromModel(const aclmdlModel *model, const aclmdlConfigHandle *handle, uint32_t *modelId)
  create refused -- Loads a model that another library made.
aclError aclmdlUnload(uint32_t modelId)
  destroy refused -- Ends a model.
aclError aclmdlBundleLoadFromFile(const char *modelPath, uint32_t *bundleId)
  create refused -- Loads several models of one file.
aclError aclmdlBundleLoadFromMem(const void *model, size_t modelSize, uint32_t *bundleId)
  create refused model:bytes=modelSize -- Loads several models from memory.
aclError aclmdlBundleUnload(uint32_t bundleId)
  destroy refused -- Ends several models.
aclError aclmdlBundleGetModelNum(uint32_t bundleId, size_t *modelNum)
  query refused -- How many models a bundle has.
aclError aclmdlBundleGetModelId(uint32_t bundleId, size_t index, uint32_t *modelId)
  query refused -- Number of a model of a bundle.
aclmdlBundleQueryInfo *aclmdlBundleCreateQueryInfo()
  host client -- Room for a description of a bundle.
aclError aclmdlBundleDestroyQueryInfo(aclmdlBundleQueryInfo *queryInfo)
  host client -- Gives that room back.
aclError aclmdlBundleQueryInfoFromFile(const char *fileName, aclmdlBundleQueryInfo *queryInfo)
  query client queryInfo:inout -- Describes a bundle in a file.
aclError aclmdlBundleQueryInfoFromMem(const void *model, size_t modelSize, aclmdlBundleQueryInfo *queryInfo)
  query client model:bytes=modelSize queryInfo:inout -- Describes a bundle in memory.
aclError aclmdlBundleGetQueryModelNum(const aclmdlBundleQueryInfo *queryInfo, size_t *modelNum)
  query client -- How many models a described bundle has.
aclError aclmdlBundleGetVarWeightSize(const aclmdlBundleQueryInfo *queryInfo, size_t *variableWeightSize)
  query client -- Bytes of the variables of a bundle.
aclError aclmdlBundleGetSize(const aclmdlBundleQueryInfo *queryInfo, size_t index, size_t *workSize, size_t * constWeightSize)
  query client -- Memory that a model of a bundle takes.
aclError aclmdlBundleInitFromFile(const char *modelPath, void *varWeightPtr, size_t varWeightSize, uint32_t *bundleId)
  create refused varWeightPtr:device,nullable -- Opens a bundle in a file.
aclError aclmdlBundleInitFromMem(const void *model, size_t modelSize, void *varWeightPtr, size_t varWeightSize, uint32_t *bundleId)
  create refused model:bytes=modelSize varWeightPtr:device,nullable -- Opens a bundle in memory.
aclError aclmdlBundleLoadModel(uint32_t bundleId, size_t index, uint32_t *modelId)
  create refused -- Loads a model of a bundle.
aclError aclmdlBundleLoadModelWithMem(uint32_t bundleId, size_t index, void *workPtr, size_t workSize, void *weightPtr, size_t weightSize, uint32_t *modelId)
  create refused workPtr:device,nullable weightPtr:device,nullable -- Loads a model of a bundle into memory of the program.
aclError aclmdlBundleLoadModelWithConfig(uint32_t bundleId, size_t index, aclmdlConfigHandle *handle, uint32_t *modelId)
  create refused handle:in -- Loads a model of a bundle with settings.
aclError aclmdlBundleUnloadModel(uint32_t bundleId, uint32_t modelId)
  destroy refused -- Ends a model of a bundle.
aclError aclmdlExecute(uint32_t modelId, const aclmdlDataset *input, aclmdlDataset *output)
  sync refused composite output:inout drain-all -- Runs a model and returns when done.
aclError aclmdlExecuteV2(uint32_t modelId, const aclmdlDataset *input, aclmdlDataset *output, aclrtStream stream, const aclmdlExecConfigHandle *handle)
  sync-stream refused composite output:inout handle:nullable -- Runs a model on a stream, with settings, and returns when done.
aclError aclmdlExecuteAsync(uint32_t modelId, const aclmdlDataset *input, aclmdlDataset *output, aclrtStream stream)
  async:GRAPH refused composite waits output:inout -- Runs a model on a stream.
aclError aclmdlExecuteAsyncV2(uint32_t modelId, const aclmdlDataset *input, aclmdlDataset *output, aclrtStream stream, const aclmdlExecConfigHandle *handle)
  async:GRAPH refused composite waits output:inout handle:nullable -- Runs a model on a stream, with settings.
aclError aclmdlSetAttribute(uint32_t modelId, aclmdlAttr attr, aclmdlAttrValue_t *attrValue)
  host refused attrValue:in -- Changes an attribute of a model.
aclError aclmdlGetAttribute(uint32_t modelId, aclmdlAttr attr, aclmdlAttrValue_t *attrValue)
  query refused -- An attribute of a model.
aclError aclmdlQuerySize(const char *fileName, size_t *workSize, size_t *weightSize)
  query client -- Memory that a model in a file takes.
aclError aclmdlQueryExeOMDesc(const char *fileName, aclmdlExeOMDesc *mdlPartitionSize)
  query client -- Memory of the parts of a model in a file.
aclError aclmdlQuerySizeFromMem(const void *model, size_t modelSize, size_t *workSize, size_t *weightSize)
  query client model:bytes=modelSize -- Memory that a model in memory takes.
aclError aclmdlSetDynamicBatchSize(uint32_t modelId, aclmdlDataset *dataset, size_t index, uint64_t batchSize)
  host refused dataset:inout -- Batch size of the next run.
aclError aclmdlSetDynamicHWSize(uint32_t modelId, aclmdlDataset *dataset, size_t index, uint64_t height, uint64_t width)
  host refused dataset:inout -- Size of the images of the next run.
aclError aclmdlSetInputDynamicDims(uint32_t modelId, aclmdlDataset *dataset, size_t index, const aclmdlIODims *dims)
  host refused dataset:inout -- Shape of an input of the next run.
aclError aclmdlGetInputDims(const aclmdlDesc *modelDesc, size_t index, aclmdlIODims *dims)
  query client -- Shape of an input.
aclError aclmdlGetInputDimsV2(const aclmdlDesc *modelDesc, size_t index, aclmdlIODims *dims)
  query client -- Shape of an input, with the model's own numbers.
aclError aclmdlGetInputDimsRange(const aclmdlDesc *modelDesc, size_t index, aclmdlIODimsRange *dimsRange)
  query client -- Between what the shape of an input may be.
aclError aclmdlGetOutputDims(const aclmdlDesc *modelDesc, size_t index, aclmdlIODims *dims)
  query client -- Shape of an output.
aclError aclmdlGetCurOutputDims(const aclmdlDesc *modelDesc, size_t index, aclmdlIODims *dims)
  query client -- Shape of an output in the next run.
const char *aclmdlGetOpAttr(aclmdlDesc *modelDesc, const char *opName, const char *attr)
  query client -- An attribute of an operator of a model.
const char *aclmdlGetInputNameByIndex(const aclmdlDesc *modelDesc, size_t index)
  query client -- Name of an input.
const char *aclmdlGetOutputNameByIndex(const aclmdlDesc *modelDesc, size_t index)
  query client -- Name of an output.
aclFormat aclmdlGetInputFormat(const aclmdlDesc *modelDesc, size_t index)
  query client -- Format of an input.
aclFormat aclmdlGetOutputFormat(const aclmdlDesc *modelDesc, size_t index)
  query client -- Format of an output.
aclDataType aclmdlGetInputDataType(const aclmdlDesc *modelDesc, size_t index)
  query client -- Type of an input.
aclDataType aclmdlGetOutputDataType(const aclmdlDesc *modelDesc, size_t index)
  query client -- Type of an output.
aclError aclmdlGetInputIndexByName(const aclmdlDesc *modelDesc, const char *name, size_t *index)
  query client -- Number of an input.
aclError aclmdlGetOutputIndexByName(const aclmdlDesc *modelDesc, const char *name, size_t *index)
  query client -- Number of an output.
aclError aclmdlGetDynamicBatch(const aclmdlDesc *modelDesc, aclmdlBatch *batch)
  query client -- Batch sizes that a model takes.
aclError aclmdlGetDynamicHW(const aclmdlDesc *modelDesc, size_t index, aclmdlHW *hw)
  query client -- Sizes of images that a model takes.
aclError aclmdlGetInputDynamicGearCount(const aclmdlDesc *modelDesc, size_t index, size_t *gearCount)
  query client -- How many shapes an input may have.
aclError aclmdlGetInputDynamicDims(const aclmdlDesc *modelDesc, size_t index, aclmdlIODims *dims, size_t gearCount)
  query client -- Shapes that an input may have.
const char *aclmdlGetTensorRealName(const aclmdlDesc *modelDesc, const char *name)
  query client -- Name of a tensor in the model's source.
aclError aclmdlCreateAndGetOpDesc(uint32_t deviceId, uint32_t streamId, uint32_t taskId, char *opName, size_t opNameLen, aclTensorDesc **inputDesc, size_t *numInputs, aclTensorDesc **outputDesc, size_t *numOutputs)
  query refused opName:bytes=opNameLen -- Describes an operator that ran.
aclmdlConfigHandle *aclmdlCreateConfigHandle()
  host client -- Settings of loading.
aclError aclmdlDestroyConfigHandle(aclmdlConfigHandle *handle)
  host client -- Gives the settings back.
aclError aclmdlSetConfigOpt(aclmdlConfigHandle *handle, aclmdlConfigAttr attr, const void *attrValue, size_t valueSize)
  host client -- One setting of loading.
aclError aclmdlSetExecConfigOpt(aclmdlExecConfigHandle *handle, aclmdlExecConfigAttr attr, const void *attrValue, size_t valueSize)
  host client -- One setting of a run.
aclError aclmdlSetExternalWeightAddress(aclmdlConfigHandle *handle, const char *weightFileName, void *devPtr, size_t size)
  host client devPtr:device -- Where weights of a file are.
aclError aclRecoverAllHcclTasks(int32_t deviceId)
  host refused drain-all -- Repairs collective operators of models.
`,
  ),
]
