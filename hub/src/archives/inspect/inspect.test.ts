import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { pdf } from '../demo/pdf.ts';
import { zipOf } from '../package/testing.ts';
import { scan } from '../scan.ts';
import { inspect, needles, sampleOf } from './index.ts';

async function* inPieces(bytes: Buffer, size = 700): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
/** Format and findings as `check: sentence`. */
async function look(name: string, content: Buffer | string) {
  const { format, findings } = await inspect(
    name,
    await sampleOf(inPieces(Buffer.from(content as string)), { needles }),
  );
  return { format: format.id, checks: findings.map((f) => f.check), findings };
}
const good = pdf([{ heading: '决定书' }, '同意。']);
/** A PDF with something more in it, its cross-reference as it was. */
const pdfWith = (more: string | Buffer) =>
  Buffer.concat([
    good.subarray(0, -1),
    Buffer.from('\n'),
    Buffer.from(more as string),
    good.subarray(good.lastIndexOf('startxref')),
  ]);
const png = Buffer.concat([
  Buffer.from('89504e470d0a1a0a0000000d49484452000000030000000208020000', 'hex'),
  Buffer.alloc(40),
  Buffer.from('0000000049454e44ae426082', 'hex'),
]);

test('sound files of preservation formats have no findings', async () => {
  for (const [name, content, format] of [
    ['a.pdf', good, 'pdf'],
    ['a.png', png, 'png'],
    ['a.txt', '会议记录', 'txt'],
    ['a.csv', '序号,名称\n1,甲\n', 'csv'],
    ['a.json', '{"a":1}', 'json'],
    ['a.xml', '<?xml version="1.0"?><a b="1"><c>甲&amp;乙</c></a>', 'xml'],
    ['旧.txt', Buffer.from('bbe1d2e9bcc7c2bc', 'hex'), 'txt'],
    ['a.ofd', zipOf([{ name: 'OFD.xml', content: '<ofd/>' }]), 'ofd'],
  ] as const) {
    expect(await look(name, content), name).toEqual({ format, checks: [], findings: [] });
  }
});

test('files that do not open are told of', async () => {
  for (const [name, content] of [
    ['empty.pdf', ''],
    ['cut.pdf', good.subarray(0, 900)],
    ['moved.pdf', Buffer.from(good.toString('latin1').replace(/startxref\n\d+/, 'startxref\n3'), 'latin1')],
    ['cut.png', png.subarray(0, 60)],
    ['cut.ofd', zipOf([{ name: 'OFD.xml', content: '<ofd/>' }]).subarray(0, 60)],
    ['broken.xml', '<?xml version="1.0"?><a><b></a>'],
    ['entities.xml', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'],
    ['broken.json', '{"a":'],
    ['bytes.txt', Buffer.from([0xff, 0xd8 ^ 0x10, 0xc3, 0x28, 0x41, 0xff])],
  ] as const)
    expect((await look(name, content)).checks, name).toContain('U02');
});

test('what is not what its name says, and what must never be taken', async () => {
  expect(await look('letter.pdf', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]))).toMatchObject({
    format: 'executable',
    checks: ['A04', 'S03'],
  });
  expect(await look('a.txt', '#!/bin/sh\nrm -rf /\n')).toMatchObject({ format: 'script', checks: ['A04', 'S03'] });
  expect((await look('a.jpg', good)).checks).toEqual(['A04']);
  expect((await look('a.html', '<html><script>1</script>')).checks).toContain('U01');
  expect((await look('a.zip', zipOf([{ name: 'x.txt', content: 'x' }]))).checks).toEqual(['U01']);
  const docm = zipOf([
    { name: '[Content_Types].xml', content: '<Types/>' },
    { name: 'word/vbaProject.bin', content: 'x' },
  ]);
  expect((await look('a.docm', docm)).checks).toEqual(['S02']);
  const docx = zipOf([
    { name: '[Content_Types].xml', content: '<Types/>' },
    { name: 'word/document.xml', content: '<w/>' },
  ]);
  expect((await look('a.docx', docx)).findings).toMatchObject([{ check: 'U01', mild: true }]);
});

test('active content of a PDF is found, also under other spellings and in object streams', async () => {
  const stream = (text: string) => {
    const packed = deflateSync(text);
    return Buffer.concat([
      Buffer.from('9 0 obj <</Type /ObjStm /Filter /FlateDecode>> stream\n'),
      packed,
      Buffer.from('\nendstream\n'),
    ]);
  };
  for (const [more, check] of [
    ['<< /S /JavaScript /JS (app.alert(1)) >>\n', 'S01'],
    ['<< /S /J#61vaScript >>\n', 'S01'],
    [stream('<< /S /JavaScript >>'), 'S01'],
    ['<< /S /Launch /F (calc.exe) >>\n', 'S01'],
    ['<< /Encrypt 8 0 R >>\n', 'U03'],
  ] as const)
    expect((await look('a.pdf', pdfWith(more))).checks, String(more)).toEqual([check]);
  expect((await look('a.pdf', pdfWith('<< /Creator /JSTOR >>\n'))).checks).toEqual([]);
});

test('packed content that bursts or leads outside', async () => {
  const ofd = { name: 'OFD.xml', content: '<ofd/>' };
  for (const [bad, check] of [
    [{ name: 'big', content: Buffer.alloc(8 * 2 ** 20) }, 'S04'],
    [{ name: 'liar', content: Buffer.alloc(2 ** 16), claims: 100 }, 'S04'],
    [{ name: '../../etc/passwd', content: 'x' }, 'S04'],
    [{ name: 'link', content: '/etc/passwd', mode: 0o120777 }, 'S04'],
    [{ name: 'secret', content: 'x', flags: 1 }, 'U03'],
  ] as const)
    expect((await look('a.ofd', zipOf([ofd, bad]))).checks, bad.name).toContain(check);
});

test('marks of secrets and personal data in texts; names that no system keeps', async () => {
  expect((await look('a.txt', '机密★一年\n关于……')).checks).toEqual(['S06']);
  expect((await look('a.txt', '联系人电话 13812345678，证件 11010519491231002X')).findings).toMatchObject([
    { check: 'S07', sentence: { en: expect.stringContaining('2 places') } },
  ]);
  expect((await look('a.txt', '编号 110105194912310021')).checks).toEqual([]);
  for (const name of ['a:b.txt', 'con.txt', '.hidden.txt', `${'长'.repeat(70)}.txt`])
    expect((await look(name, 'x')).checks, name).toContain('U04');
});

test('a large file is looked at in bounded memory', async () => {
  async function* large() {
    yield good.subarray(0, 20);
    for (let i = 0; i < 26; i++) yield Buffer.alloc(2 ** 20, i === 20 ? '/Launch ' : 0x20);
    yield Buffer.from('startxref\n5\n%%EOF\n');
  }
  const sample = await sampleOf(large(), { needles });
  expect(sample.whole).toBeUndefined();
  expect((await inspect('a.pdf', sample)).findings.map((f) => f.check)).toEqual(['S01']);
});

test('a configured scanner reads the content and its objection is told; one that cannot run is one too', async () => {
  const command = ['sh', '-c', '! grep -q EICAR'];
  expect(await scan(command, inPieces(Buffer.from('nothing')))).toBeUndefined();
  expect((await scan(command, inPieces(Buffer.from('x EICAR x'))))?.en).toContain('objects (1)');
  expect((await scan(['/no/such/scanner'], inPieces(Buffer.from('x'))))?.en).toContain('cannot be run');
});
