export default {
  extends: ['stylelint-config-recommended'],
  plugins: ['stylelint-no-unsupported-browser-features'],
  rules: {
    'plugin/no-unsupported-browser-features': [
      true,
      {
        // Each of these only adds comfort: the page is whole without it.
        ignore: [
          'css-overscroll-behavior', // iOS < 16 bounces instead
          'css-overflow-anchor', // where it is unknown there is nothing to turn off
          'css-touch-action', // iOS knows manipulation and none, which is all we use
          'will-change',
          'css-appearance', // written with its prefix
          'css-sticky', // iOS wants the prefix only in tables
          'css-focus-visible', // beside a plain :focus rule
          'css-resize', // phones show the whole text anyway
          'viewport-unit-variants', // only inside @supports, beside a plain vh
        ],
        ignorePartialSupport: true,
      },
    ],
    'selector-pseudo-class-no-unknown': [true, { ignorePseudoClasses: ['deep', 'global'] }],
    'no-descending-specificity': null, // scoped blocks are small and read top to bottom
  },
  overrides: [{ files: ['**/*.vue'], customSyntax: 'postcss-html' }],
}
