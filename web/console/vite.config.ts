import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { collectWorker } from './worker/plugin.ts';

const hub = process.env.JINGWEI_HUB ?? 'http://127.0.0.1:8420';

/** The console is static files that the hub serves; while developing, the API is reached through a proxy. */
export default defineConfig({
  plugins: [react(), collectWorker()],
  server: { host: '127.0.0.1', port: 8421, proxy: { '/api': hub, '/keyless': hub, '/verify/offline.html': hub } },
  build: {
    target: 'es2022',
    // No inline scripts (the hub's content security policy forbids them), so no polyfill of module preload either.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
});
