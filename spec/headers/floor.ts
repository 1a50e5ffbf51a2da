/** Types of the rt* functions below AscendCL that libraries call directly (CANN 9.1, libruntime.so). */
import type { Constants, CStruct, Enums } from './types.ts'

export const floorEnums: Enums = {
  rtMemcpyKind_t: {
    RT_MEMCPY_HOST_TO_HOST: 0,
    RT_MEMCPY_HOST_TO_DEVICE: 1,
    RT_MEMCPY_DEVICE_TO_HOST: 2,
    RT_MEMCPY_DEVICE_TO_DEVICE: 3,
    RT_MEMCPY_MANAGED: 4,
    RT_MEMCPY_ADDR_DEVICE_TO_DEVICE: 5,
    RT_MEMCPY_HOST_TO_DEVICE_EX: 6,
    RT_MEMCPY_DEVICE_TO_HOST_EX: 7,
    RT_MEMCPY_DEFAULT: 8,
    RT_MEMCPY_RESERVED: 9,
  },
}

export const floorConstants: Constants = {
  RT_ERROR_NONE: '0',
  RT_MEMORY_DEFAULT: '0x0u',
  RT_MEMORY_HBM: '0x2u',
  RT_MEMORY_DDR: '0x4u',
  RT_MEMORY_P2P_HBM: '0x10u',
  RT_MEMORY_HOST: '0x81u',
  RT_DEV_BINARY_MAGIC_ELF: '0x43554245u',
  RT_DEV_BINARY_MAGIC_ELF_AICPU: '0x41415243u',
  RT_DEV_BINARY_MAGIC_ELF_AIVEC: '0x41415246u',
  RT_DEV_BINARY_MAGIC_ELF_AICUBE: '0x41494343u',
}

export const floorStructs: CStruct[] = [
  {
    name: 'rtDevBinary_t',
    kind: 'struct',
    bytes: 24,
    members: ['uint32_t magic', 'uint32_t version', 'const void *data', 'uint64_t length'],
  },
  { name: 'rtHostInputInfo_t', kind: 'struct', bytes: 8, members: ['uint32_t addrOffset', 'uint32_t dataOffset'] },
  {
    name: 'rtArgsEx_t',
    kind: 'struct',
    bytes: 40,
    members: [
      'void *args',
      'rtHostInputInfo_t *hostInputInfoPtr',
      'uint32_t argsSize',
      'uint32_t tilingAddrOffset',
      'uint32_t tilingDataOffset',
      'uint16_t hostInputInfoNum',
      'uint8_t hasTiling',
      'uint8_t isNoNeedH2DCopy',
      'uint8_t reserved[4]',
    ],
  },
  {
    name: 'rtSmData_t',
    kind: 'struct',
    bytes: 24,
    members: [
      'uint64_t L2_mirror_addr',
      'uint32_t L2_data_section_size',
      'uint8_t L2_preload',
      'uint8_t modified',
      'uint8_t priority',
      'int8_t prev_L2_page_offset_base',
      'uint8_t L2_page_offset_base',
      'uint8_t L2_load_to_ddr',
      'uint8_t reserved[2]',
    ],
  },
  {
    name: 'rtSmDesc_t',
    kind: 'struct',
    bytes: 272,
    members: ['rtSmData_t data[8]', 'uint64_t size', 'uint8_t remap[64]', 'uint8_t l2_in_main', 'uint8_t reserved[3]'],
  },
  {
    name: 'rtTaskCfgInfo_t',
    kind: 'struct',
    bytes: 16,
    members: [
      'uint8_t qos',
      'uint8_t partId',
      'uint8_t schemMode',
      'bool d2dCrossFlag',
      'uint32_t blockDimOffset',
      'uint8_t dumpflag',
      'uint8_t neverTimeout',
      'uint8_t enableProfiling',
      'uint8_t rev',
      'uint32_t localMemorySize',
    ],
  },
]
