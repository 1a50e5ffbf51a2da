/** What the build makes of imports that are no TypeScript. */
declare module '*?worker&inline' {
  const WorkerConstructor: new () => Worker
  export default WorkerConstructor
}
declare module '*.css'
