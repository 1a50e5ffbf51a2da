/**
 * The browser's stand-in for the loader of AssemblyScript, of which the core needs nothing: it imports nothing. The build
 * puts it in that package's place (vite.config.ts).
 */
export function instantiateSync(
  wasm: Uint8Array<ArrayBuffer>,
  imports: WebAssembly.Imports,
): { instance: WebAssembly.Instance } {
  return { instance: new WebAssembly.Instance(new WebAssembly.Module(wasm), imports) }
}
