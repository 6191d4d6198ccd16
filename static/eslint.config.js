import js from '@eslint/js'
import compat from 'eslint-plugin-compat'
import vue from 'eslint-plugin-vue'
import accessibility from 'eslint-plugin-vuejs-accessibility'
import globals from 'globals'
import typescript from 'typescript-eslint'

export default typescript.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  ...typescript.configs.strictTypeChecked,
  ...vue.configs['flat/recommended'],
  ...accessibility.configs['flat/recommended'],
  compat.configs['flat/recommended'],
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        parser: typescript.parser,
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    settings: {
      // Each of these is asked for before it is used, and something simpler stands in where it is missing.
      polyfills: ['navigator.wakeLock', 'navigator.permissions', 'navigator.clipboard', 'navigator.share', 'ResizeObserver', 'RTCRtpTransceiver', 'MediaRecorder'],
    },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Asking whether an old browser has a thing looks unnecessary to the types, which describe a new one.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // A Vue event handler may be async; its rejection is handled inside.
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['error', { html: { void: 'always' } }],
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/no-v-html': 'error',
      'vue/max-lines-per-block': ['error', { script: 120, template: 120, style: 150 }],
      'vuejs-accessibility/label-has-for': ['error', { required: { some: ['nesting', 'id'] } }],
      // The stage shows its controls when the mouse or the focus comes; it is no control itself.
      'vuejs-accessibility/no-static-element-interactions': 'off',
      // Nothing here ever has a spoken track to caption; live sound has no captions yet.
      'vuejs-accessibility/media-has-caption': 'off',
      'max-lines': ['error', { max: 320, skipBlankLines: true }],
    },
  },
  {
    files: ['**/*.js'],
    extends: [typescript.configs.disableTypeChecked],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.test.ts', 'vite.config.ts'],
    rules: { 'compat/compat': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    // All other tests share one page, see vite.config.ts.
    files: ['**/*.test.ts'],
    ignores: ['**/*.mocks.test.ts'],
    rules: { 'no-restricted-properties': ['error', { object: 'vi', property: 'mock', message: 'A file that mocks modules is named *.mocks.test.ts.' }] },
  },
)
