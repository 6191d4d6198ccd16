/// <reference types="vite/client" />

// For tools that read .ts files alone; vue-tsc reads the components themselves.
declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent
  export default component
}

declare module 'swagger-ui-dist/swagger-ui-es-bundle.js'

// The light build lacks what we do not use (encryption, subtitles, separate sound groups); its types are the same.
declare module 'hls.js/light' {
  export * from 'hls.js'
  export { default } from 'hls.js'
}
