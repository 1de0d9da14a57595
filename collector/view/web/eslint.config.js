import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig([
  globalIgnores(['dist', 'src/api/schema.d.ts']),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, reactHooks.configs.flat.recommended],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Both hooks hand out functions that must not be memoised; the compiler that would do so is not used here.
      'react-hooks/incompatible-library': 'off',
    },
  },
  {
    files: ['tools/*.mjs', 'public/*.js'],
    languageOptions: {
      globals: { URL: 'readonly', console: 'readonly', document: 'readonly', process: 'readonly', window: 'readonly' },
    },
  },
]);
