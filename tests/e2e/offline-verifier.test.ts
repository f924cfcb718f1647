/** The offline verifier as a judge has it: one file opened from a disk, with a document, its signature and what was printed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { publicationString } from '@jingwei/keyless';
import { Authority, writePublicationsFile } from '@jingwei/keyless/publish';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { imprintOfText, makeSignature } from '../../packages/keyless/src/testing.ts';
import { expectSound, openBrowser, openPage, type Size, type Watched } from './browser.ts';

const built = pathToFileURL(join(import.meta.dirname, '../../web/verify/dist/verify.html')).href;
const time = 1_780_000_001n;
const text = '关于公布不动产登记归档目录的通知\n';
const authority = Authority.make({
  kind: 'ecdsa',
  subject: { organisation: '慈溪市' },
  email: 'publications@city.example',
  now: Number(time) * 1000,
});
const published = makeSignature({
  time,
  publicationTime: time + 86_400n,
  document: imprintOfText(text, 0x0b),
  algorithm: 0x0b,
  published: true,
});
const printed = publicationString(published.publicationTime, published.root);

const folder = mkdtempSync(join(tmpdir(), 'jingwei-offline-'));
const file = (name: string, content: Uint8Array | string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const files = {
  document: file('通知.txt', text),
  other: file('other.txt', `${text} `),
  published: file('published.ksig', published.bytes),
  byKey: file('key.ksig', makeSignature({ time, document: imprintOfText(text), authority }).bytes),
  cut: file('cut.ksig', published.bytes.subarray(0, 300)),
  publications: file(
    'publications.bin',
    writePublicationsFile({
      authority,
      created: time + 90_000n,
      publications: [{ time: published.publicationTime, hash: published.root, references: ['慈溪日报'] }],
    }),
  ),
};

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(size: Size = 'desktop', theme: 'light' | 'dark' = 'light'): Promise<Watched> {
  const opened = await openPage(browser, { size, theme });
  await opened.page.goto(built);
  return opened;
}
const give = (page: Page, slot: string, path: string) => page.setInputFiles(`#file-${slot}`, path);
/** Waits for a verdict and answers what it says. */
async function verdict(page: Page, outcome: string, code = ''): Promise<string> {
  const card = page.locator(`[data-outcome=${outcome}][data-code="${code}"]`);
  await card.waitFor({ timeout: 20_000 });
  return card.innerText();
}

test('a document, its signature and the printed string are proven; another document or string is refuted', async () => {
  const opened = await open();
  const { page } = opened;
  await give(page, 'document', files.document);
  await give(page, 'signature', files.published);
  expect(await verdict(page, 'open')).toContain(printed);
  await page.fill('#printed', printed.toLowerCase());
  const proven = await verdict(page, 'proven');
  for (const said of ['属实', '通知.txt', '2026-05-29 04:26:41 北京时间', 'city:archive', '不依赖任何密钥'])
    expect(proven).toContain(said);
  await expectSound(opened, 'the proven page');
  await page.fill('#printed', publicationString(published.publicationTime, imprintOfText('another root')));
  expect(await verdict(page, 'refuted', 'PUB-04')).toContain('与印出的公开值不符');
  await page.fill('#printed', `${printed.slice(0, -1)}A`);
  await page.getByText('校验和不符').waitFor();
  await page.fill('#printed', printed);
  await give(page, 'document', files.other);
  expect(await verdict(page, 'refuted', 'GEN-01')).toContain('已被改动');
  await opened.context.close();
});

test('a signature of a key is proven once its publications file and its editor are confirmed, on a phone and in the dark', async () => {
  const opened = await open('phone', 'dark');
  const { page } = opened;
  await page.click('#language');
  await give(page, 'signature', files.byKey);
  await give(page, 'publications', files.publications);
  expect(await verdict(page, 'open')).toContain('not confirmed the editor');
  await page.check('#confirm-editor');
  expect(await verdict(page, 'proven')).toContain('no document was compared yet');
  await give(page, 'document', files.document);
  await page.getByText('not a byte was changed').waitFor();
  await page.locator('summary').first().click();
  await expectSound(opened, 'the confirmed page');
  await give(page, 'signature', files.cut);
  expect(await verdict(page, 'broken', 'keyless.tlv.truncated')).toContain('byte 0');
  await opened.context.close();
});

test('a page that a service handed out with its root believes the publications file of that service without being asked', async () => {
  const anchors = JSON.stringify({ name: '慈溪', root: authority.root, email: authority.email });
  const page = readFileSync(new URL(built), 'utf8').replace('id="anchors">null<', `id="anchors">${anchors}<`);
  expect(page).toContain('慈溪');
  const opened = await openPage(browser);
  await opened.page.goto(pathToFileURL(file('with-anchors.html', page)).href);
  await give(opened.page, 'document', files.document);
  await give(opened.page, 'signature', files.published);
  await give(opened.page, 'publications', files.publications);
  expect(await verdict(opened.page, 'proven')).toContain('公开值文件');
  expect(await opened.page.locator('#confirm-editor').count()).toBe(0);
  expect(opened.faults).toEqual([]);
  await opened.context.close();
});
