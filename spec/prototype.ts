/**
 * Functions written as C declares them, each with a line that says what the prototype cannot:
 *
 *     aclError aclrtGetEventId(aclrtEvent event, uint32_t *eventId)
 *       query call -- Number of an event.
 *
 * The line begins with the class (async:OPCLASS for operators) and goes on with words in any order:
 *
 *     call, operator, client, refused   how daemon mode answers it, see DaemonWay in spec/types.ts
 *     custom=FILE             hand-written, in this file of host-shim/
 *     remote=FILE             the same for daemon mode
 *     asks                    has nothing to do with what its stream has queued: needs no drain
 *     drain-all               what is queued anywhere goes first
 *     composite               makes calls of AscendCL itself
 *     waits                   an operator whose arguments lie in memory of the caller: the call ends when it is handed over
 *     answered                through a daemon, the call of an operator ends with what is wrong with it
 *     since=VERSION           first CANN that has it
 *     op.FIELD=EXPRESSION     a field of OpRole; op.copy=DST,BYTES,SRC,BYTES,KIND for what copies like aclrtMemcpyAsync
 *     NAME:ROLE,ROLE          roles of an argument: in, out, inout, nullable, text, address, device, host, bytes=EXPRESSION,
 *                             copy=EXPRESSION (bytes that a held operator takes along)
 *
 * An argument's type tells the rest: a pointer to const is read, any other pointer is written, `const char *` is text,
 * and the names of handles say what they are. Expressions have no spaces.
 */
import type { ApiDraft, Arg, CallClass, DaemonWay, HandleKind, OpRole } from './types.ts'

const handleKinds: Record<string, HandleKind> = {
  aclrtStream: 'stream',
  rtStream_t: 'stream',
  aclrtEvent: 'event',
  rtEvent_t: 'event',
  aclrtNotify: 'notify',
  aclrtCntNotify: 'cnt-notify',
  aclrtContext: 'context',
  aclrtBinHandle: 'binary',
  aclrtFuncHandle: 'function',
  aclrtArgsHandle: 'args',
  aclrtParamHandle: 'param',
  aclrtDrvMemHandle: 'phys-mem',
  aclmdlRI: 'graph',
  aclrtTaskGrp: 'task-group',
  aclmdlRICondHandle: 'condition',
  aclrtLabel: 'label',
  aclrtLabelList: 'label-list',
}

const classes = new Set(['host', 'query', 'create', 'destroy', 'async', 'sync-stream', 'sync-device', 'sync'])
const ways = new Set(['call', 'operator', 'client', 'refused'])
const flags = new Set(['asks', 'drain-all', 'composite', 'waits', 'answered'])

/** `a, b(c, d), e` at the commas outside of brackets. */
function split(list: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let i = 0; i <= list.length; i++) {
    const c = list[i] ?? ','
    if (c === '(') depth++
    else if (c === ')') depth--
    else if (c === ',' && depth === 0) {
      parts.push(list.slice(from, i).trim())
      from = i + 1
    }
  }
  return parts.filter((part) => part !== '' && part !== 'void')
}

/** Type and name of `const aclTensorDesc *const inputDesc[]`; an array is what C makes of it, a pointer. */
function typeAndName(parameter: string): { type: string; name: string } {
  if (parameter === '...') return { type: '...', name: '' }
  const called = /^(.*)\(\s*\*\s*(?:const )?(\w+)\)(\(.*\))$/.exec(parameter)
  if (called !== null) return { type: `${called[1]}(*@)${called[3]}`, name: called[2]! }
  const match = /^(.*?[\s*])(\w+)((?:\[\d*\])*)$/.exec(parameter)
  if (match === null) throw new Error(`no parameter: ${parameter}`)
  const [, before = '', name = '', arrays = ''] = match
  const type = before
    .replaceAll(/\s*\*\s*/g, ' *')
    .replaceAll(/\*(?=const)/g, '* ')
    .replaceAll(/\* \*/g, '**')
    .trim()
  if (arrays === '') return { type: type.replace(/^const (?=[^*]*$)/, '').replace(/ ?const$/, ''), name }
  if (arrays === '[]') return { type: type.endsWith('*') ? `${type}*` : `${type} *`, name }
  return { type: `${type} (*@)${arrays.slice(2)}`, name }
}

function argument(parameter: string): Arg {
  const { type, name } = typeAndName(parameter)
  const pointer = type.endsWith('*')
  const base = type.replace(/\s*\*$/, '').replace(/^const /, '')
  const reads = !pointer || type.startsWith('const ') || type.includes('(*@)')
  const handle = handleKinds[base]
  return {
    type,
    name,
    dir: reads ? 'in' : 'out',
    ...(handle === undefined ? {} : { handle }),
    ...(handle === 'stream' && !pointer ? { nullable: true } : {}),
    ...(type === 'const char *' ? { text: true } : {}),
    ...(type.includes('(*@)') ? { address: true } : {}),
  }
}

function give(arg: Arg, roles: string): Arg {
  const given = { ...arg }
  for (const role of roles.split(',')) {
    const [word, expression] = [role.split('=')[0]!, role.split('=').slice(1).join('=')]
    if (word === 'in' || word === 'out' || word === 'inout') given.dir = word
    else if (word === 'nullable' || word === 'text' || word === 'address') given[word] = true
    else if (word === 'device') given.handle = 'device-ptr'
    else if (word === 'host') given.handle = 'host-ptr'
    else if (word === 'function') given.handle = 'function'
    else if (word === 'bytes' || word === 'copy') given[word] = expression
    else throw new Error(`${arg.name}: no role ${word}`)
    if (word === 'copy' || ((word === 'device' || word === 'host') && !arg.type.endsWith('**'))) given.dir = 'in'
  }
  return given
}

function draftOf(declaration: string, line: string): ApiDraft {
  const match = /^(.*?)(\w+)\((.*)\)$/.exec(declaration)
  const [words = '', doc] = line.split(' -- ')
  if (match === null || doc === undefined) throw new Error(`no function: ${declaration} / ${line}`)
  const [, returns = '', name = '', parameters = ''] = match
  const args = split(parameters).map(argument)
  const draft: ApiDraft = { name, returns: returns.trim(), args, class: 'host', sideEffects: true, doc: doc.trim() }
  const op: Partial<OpRole> = {}
  for (const word of words.split(/\s+/)) {
    const [key = '', ...rest] = word.split('=')
    const value = rest.join('=')
    const [head = '', ...roles] = word.split(':')
    if (classes.has(head)) {
      draft.class = head as CallClass
      if (roles.length > 0) op.opClass = roles[0]!
    } else if (ways.has(word)) draft.daemon = word as DaemonWay
    else if (flags.has(word)) {
      if (word === 'waits' || word === 'answered') op[word] = true
      else if (word === 'drain-all') draft.drainAll = true
      else draft[word as 'asks' | 'composite'] = true
    } else if (key === 'custom' || key === 'remote' || key === 'since') draft[key] = value
    else if (key === 'op.sync') op.syncObject = value
    else if (key === 'op.copy') {
      const [dst = '', dstBytes = '', src = '', srcBytes = '', kind = ''] = split(value)
      op.copy = { dst, dstBytes, src, srcBytes, kind }
      op.opClass = `fx_copy_class(${kind})`
    } else if (key === 'op.bytes' || key === 'op.kernel' || key === 'op.blocks' || key === 'op.argsBytes')
      op[key.slice(3) as 'bytes' | 'kernel' | 'blocks' | 'argsBytes'] = value
    else {
      const at = args.findIndex((a) => a.name === head)
      if (at < 0 || roles.length === 0) throw new Error(`${name}: no word ${word}`)
      args[at] = give(args[at]!, roles.join(':'))
    }
  }
  if (draft.class === 'async') draft.op = { opClass: 'OTHER', ...op }
  draft.sideEffects = draft.class !== 'query'
  return draft
}

/** The functions of a text as described above, which one header declares and one library has. */
export function declared(header: string, library: string, text: string): ApiDraft[] {
  const lines = text
    .split('\n')
    .map((l) => l.trim())
    .filter((l) => l !== '')
  const drafts: ApiDraft[] = []
  for (let i = 0; i < lines.length; i += 2) drafts.push({ ...draftOf(lines[i]!, lines[i + 1] ?? ''), header, library })
  return drafts
}
