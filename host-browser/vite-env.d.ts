/** What the build makes of imports that are no TypeScript. */
declare module '*.css'

/** The file as a data URL. */
declare module '*?url&inline' {
  const url: string
  export default url
}
