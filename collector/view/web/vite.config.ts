import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// Where `npm run dev` and `npm run preview` find a running collector.
const collector = process.env.ROLLCALL_COLLECTOR ?? 'https://127.0.0.1:8443';
const proxy = {
  '/api': { target: collector, secure: false, ws: true, changeOrigin: true },
  '/healthz': { target: collector, secure: false },
};

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
  build: {
    // Every asset is a file of its own: the CSP allows no data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    // All that the first page imports is one file: a browser asks once instead of fifty times, and it packs better.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'page', tags: ['$initial'] }] } } },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    // The formatters speak in the browser's zone; the tests pin one that is not UTC.
    env: { TZ: 'America/New_York' },
  },
});
