import { createHash } from 'node:crypto';
import { defineConfig, type Plugin } from 'vite';

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * One file: script and style are written into the page, which then forbids everything else by its policy. A page that is kept with the documents
 * for decades must need neither its neighbours nor a network.
 */
const singleFile = (): Plugin => ({
  name: 'single-file',
  enforce: 'post',
  generateBundle(_, bundle) {
    const page = bundle['index.html'];
    if (page?.type !== 'asset') throw new Error('no page was built');
    let script = '';
    let style = '';
    for (const [name, part] of Object.entries(bundle)) {
      if (part === page) continue;
      if (part.type === 'chunk') script += part.code;
      else if (name.endsWith('.css')) style += String(part.source);
      else throw new Error(`${name} cannot stand in the page`);
      delete bundle[name];
    }
    // What would end the element early inside a string stays a string with a backslash in it.
    script = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--').trim();
    style = style.trim();
    const policy = [
      "default-src 'none'",
      `script-src ${hashOf(script)}`,
      `style-src ${hashOf(style)}`,
      'worker-src blob:',
      "base-uri 'none'",
      "form-action 'none'",
    ].join('; ');
    page.source = String(page.source)
      .replace(/\s*<script type="module"[^>]*><\/script>/, '')
      .replace(/\s*<link rel="(?:stylesheet|modulepreload)"[^>]*>/g, '')
      .replace(
        '<meta charset="utf-8" />',
        () => `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
      )
      .replace('</head>', () => `  <style>${style}</style>\n  </head>`)
      .replace('</body>', () => `  <script type="module">${script}</script>\n  </body>`);
    page.fileName = 'verify.html';
  },
});

/** The offline verifier: dist/verify.html and nothing else. */
export default defineConfig({
  plugins: [singleFile()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    chunkSizeWarningLimit: 900,
  },
  worker: { format: 'iife' },
});
