/** What every emitter asks of a function: its names, its stream, and what stands for it where it is not there. */
import { cEnums } from '../../spec/constants.ts'
import type { ApiFunction, Arg } from '../../spec/types.ts'

/** The arguments without the dots of a variadic function, which nothing can pass on. */
export const fixedArgs = (f: ApiFunction): Arg[] => f.args.filter((a) => a.type !== '...')

/** The names of the arguments, as a call passes them on. */
export const names = (f: ApiFunction): string =>
  fixedArgs(f)
    .map((a) => a.name)
    .join(', ')

const isValueStream = (a: Arg): boolean => a.handle === 'stream' && !a.type.endsWith('*')

/** Streams that the function is given. */
export const streamsOf = (f: ApiFunction): Arg[] => f.args.filter(isValueStream)

/** The stream that an operator goes to: the last one, where it names more. */
export const streamOf = (f: ApiFunction): Arg | undefined => streamsOf(f).at(-1)

/** Streams whose queue goes first, where the function is no operator and no synchronization. */
export const drained = (f: ApiFunction): Arg[] =>
  f.asks || f.class === 'async' || f.class.startsWith('sync-') ? [] : streamsOf(f)

/** An expression over the arguments of a function, where they are members of the record `of`. */
export function within(f: ApiFunction, expression: string, of: string): string {
  let text = expression
  for (const { name } of f.args) text = text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), `${of}->${name}`)
  return text
}

/** What a function returns where the real library does not have it, or daemon mode refuses it; empty for nothing. */
export function failure(f: ApiFunction): string {
  const type = f.returns
  if (type === 'void') return ''
  if (type === 'HcclResult') return 'HCCL_E_NOT_SUPPORT'
  if (['aclError', 'aclnnStatus', 'rtError_t'].includes(type)) return 'ACL_ERROR_RT_FEATURE_NOT_SUPPORT'
  if (type === 'const char *') return '""'
  if (type.endsWith('*')) return 'NULL'
  if (type in cEnums) return `(${type})${Object.values(cEnums[type]!).includes(-1) ? -1 : 0}`
  return '0'
}

/** `return x;`, or the call alone where there is nothing to return. */
export const give = (f: ApiFunction, expression: string): string =>
  f.returns === 'void' ? `${expression};` : `return ${expression};`
