/// <reference types="vitest/config" />
import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const server = process.env['HONGBO_SERVER'] ?? 'http://127.0.0.1:8080'
const proxied = Object.fromEntries(['/api', '/hls', '/whip', '/whep'].map((path) => [path, { target: server }]))

const MOCKS = 'src/**/*.mocks.test.ts'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    // The oldest phones we promise: iOS 13 and Chrome 86 (WeChat's own web view on Android is newer).
    target: ['ios13', 'chrome86'],
    cssTarget: ['ios13', 'chrome86'],
    assetsInlineLimit: 0,
    sourcemap: false,
    // hls.js and the API page are large and lazy: they are expected to pass the default warning line.
    chunkSizeWarningLimit: 1600,
    rolldownOptions: {
      input: {
        app: fileURLToPath(new URL('./index.html', import.meta.url)),
        'api-docs': fileURLToPath(new URL('./api-docs.html', import.meta.url)),
      },
    },
  },
  server: { proxy: proxied },
  preview: { proxy: proxied },
  test: {
    environment: 'happy-dom',
    // The contrast test reads the tokens as they are written.
    css: true,
    restoreMocks: true,
    unstubGlobals: true,
    // A page of its own for each file costs eight times what the tests cost. Those that put something in a module's place need it:
    // the others would find it there.
    projects: [
      { extends: true, test: { name: 'together', include: ['src/**/*.test.ts'], exclude: [MOCKS], isolate: false, pool: 'threads' } },
      { extends: true, test: { name: 'apart', include: [MOCKS] } },
    ],
  },
})
