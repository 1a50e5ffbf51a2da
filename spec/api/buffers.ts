/** Message buffers, and allocators of the program that the runtime calls. */
import { declared } from '../prototype.ts'
import type { ApiDraft } from '../types.ts'

export const buffersFunctions: ApiDraft[] = [
  ...declared(
    'acl/acl_rt.h',
    'libacl_rt.so',
    `
aclError aclrtAllocBuf(aclrtMbuf *buf, size_t size)
  create refused -- Makes a message buffer.
aclError aclrtFreeBuf(aclrtMbuf buf)
  host refused -- Gives a message buffer back.
aclError aclrtGetBufData(const aclrtMbuf buf, void **dataPtr, size_t *size)
  query refused dataPtr:address,out -- Data of a message buffer.
aclError aclrtGetBufDataLen(aclrtMbuf buf, size_t *len)
  query refused -- Bytes in a message buffer.
aclError aclrtSetBufDataLen(aclrtMbuf buf, size_t len)
  host refused -- Sets the bytes in a message buffer.
aclError aclrtGetBufUserData(const aclrtMbuf buf, void *dataPtr, size_t size, size_t offset)
  query refused dataPtr:bytes=size -- Reads the user's part of a message buffer.
aclError aclrtSetBufUserData(aclrtMbuf buf, const void *dataPtr, size_t size, size_t offset)
  host refused dataPtr:bytes=size -- Writes the user's part of a message buffer.
aclError aclrtAppendBufChain(aclrtMbuf headBuf, aclrtMbuf buf)
  host refused -- Puts a message buffer behind another.
aclError aclrtGetBufFromChain(aclrtMbuf headBuf, uint32_t index, aclrtMbuf *buf)
  query refused -- A message buffer of a chain.
aclError aclrtGetBufChainNum(aclrtMbuf headBuf, uint32_t *num)
  query refused -- Message buffers of a chain.
aclError aclrtCopyBufRef(const aclrtMbuf buf, aclrtMbuf *newBuf)
  create refused -- One more reference to a message buffer.
`,
  ),
  ...declared(
    'acl/acl_rt_allocator.h',
    'libacl_rt.so',
    `
aclrtAllocatorDesc aclrtAllocatorCreateDesc()
  host remote=remote/allocators.c -- Describes an allocator of the program.
aclError aclrtAllocatorDestroyDesc(aclrtAllocatorDesc allocatorDesc)
  host remote=remote/allocators.c -- Ends the description.
aclError aclrtAllocatorSetObjToDesc(aclrtAllocatorDesc allocatorDesc, aclrtAllocator allocator)
  host remote=remote/allocators.c -- What the functions of the allocator are called with.
aclError aclrtAllocatorSetAllocFuncToDesc(aclrtAllocatorDesc allocatorDesc, aclrtAllocatorAllocFunc func)
  host remote=remote/allocators.c -- The function that allocates.
aclError aclrtAllocatorSetFreeFuncToDesc(aclrtAllocatorDesc allocatorDesc, aclrtAllocatorFreeFunc func)
  host remote=remote/allocators.c -- The function that frees.
aclError aclrtAllocatorSetAllocAdviseFuncToDesc(aclrtAllocatorDesc allocatorDesc, aclrtAllocatorAllocAdviseFunc func)
  host remote=remote/allocators.c -- The function that allocates at a wished address.
aclError aclrtAllocatorSetGetAddrFromBlockFuncToDesc(aclrtAllocatorDesc allocatorDesc, aclrtAllocatorGetAddrFromBlockFunc func)
  host remote=remote/allocators.c -- The function that tells the address of a block.
aclError aclrtAllocatorRegister(aclrtStream stream, aclrtAllocatorDesc allocatorDesc)
  host remote=remote/allocators.c -- A stream takes its memory from the allocator.
aclError aclrtAllocatorGetByStream(aclrtStream stream, aclrtAllocatorDesc *allocatorDesc, aclrtAllocator *allocator, aclrtAllocatorAllocFunc *allocFunc, aclrtAllocatorFreeFunc *freeFunc, aclrtAllocatorAllocAdviseFunc *allocAdviseFunc, aclrtAllocatorGetAddrFromBlockFunc *getAddrFromBlockFunc)
  query remote=remote/allocators.c asks allocator:nullable allocFunc:nullable freeFunc:nullable allocAdviseFunc:nullable getAddrFromBlockFunc:nullable -- The allocator of a stream.
aclError aclrtAllocatorUnregister(aclrtStream stream)
  host remote=remote/allocators.c -- The stream takes its memory elsewhere.
`,
  ),
]
