/** `jingwei inspect`: what a signature, a publications file or a message of the protocols contains. */
import { Problem } from '@jingwei/hub/light';
import {
  describe,
  describeImprint,
  describeText,
  describeTime,
  embeddedCertificates,
  PDU,
  type PublicationRecord,
  type PublicationsFile,
  publicationString,
  readPublicationsFile,
  readSignature,
  type ServerConfig,
  showPdu,
} from '@jingwei/keyless';
import type { Output } from '../output.ts';
import { bytesOfFile, inFile } from './files.ts';
import { unknownKind } from './problems.ts';

/** Largest file that is looked into. */
const MOST = 64 << 20;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A publication as data. */
export const publicationView = ({ data, references, repositories }: PublicationRecord) => ({
  ...{ time: describeTime(data.time), hash: describeImprint(data.hash) },
  ...{ printed: publicationString(data.time, data.hash), references, repositories },
});

/** A publications file as data; nothing in it is believed. */
export const publicationsView = (file: PublicationsFile) => ({
  version: String(file.version),
  created: describeTime(file.created),
  repository: file.repository ?? null,
  certificates: file.certificates.map(({ id, certificate }) => ({ id: hex(id), bytes: certificate.length })),
  signers: embeddedCertificates(file).map((c) => ({
    ...{ subject: c.subjectText, emails: c.emails },
    ...{ from: describeTime(c.notBefore), to: describeTime(c.notAfter) },
  })),
  publications: file.publications.map(publicationView),
});

/** The publications of a file, for people. */
export function sayPublications(file: PublicationsFile, output: Output): void {
  const view = publicationsView(file);
  output.say(
    output.text({
      zh: `公开值文件，生成于 ${view.created.beijing ?? view.created.unix}（北京时间），证书 ${view.certificates.length} 份，公开值 ${view.publications.length} 个`,
      en: `publications file of ${view.created.utc ?? view.created.unix}, ${view.certificates.length} certificates, ${view.publications.length} publications`,
    }),
  );
  for (const { subject, emails } of view.signers) output.say(`  ${subject} ${emails.join(', ')}`.trimEnd());
  for (const { time, printed, references } of view.publications) {
    output.say(`${output.text({ zh: time.beijing ?? time.unix, en: time.utc ?? time.unix })}`);
    output.say(`  ${printed}`);
    for (const reference of references) output.say(`  ${reference}`);
  }
}

const kinds: Record<number, { zh: string; en: string }> = {
  [PDU.aggregationRequest]: { zh: '签名请求', en: 'request for signatures' },
  [PDU.aggregationResponse]: { zh: '签名应答', en: 'answer with signatures' },
  [PDU.extensionRequest]: { zh: '延伸请求', en: 'request for calendar chains' },
  [PDU.extensionResponse]: { zh: '延伸应答', en: 'answer with calendar chains' },
};

const text = (value: bigint | undefined): string | null => (value === undefined ? null : String(value));
const configView = (config: ServerConfig) =>
  Object.fromEntries(Object.entries(config).map(([k, v]) => [k, typeof v === 'bigint' ? String(v) : v]));

/** A message as data; its MAC is shown and not checked. */
function messageView(bytes: Uint8Array) {
  const { pdu, mac } = showPdu(bytes);
  const answer = (a: { id: bigint; status?: bigint; message?: string }) => ({
    ...{ id: String(a.id), status: a.status === undefined ? null : `0x${a.status.toString(16)}` },
    message: a.message ?? null,
  });
  const { header } = pdu;
  return {
    ...{ message: `0x${pdu.type.toString(16)}`, kind: kinds[pdu.type]! },
    header: header ? { login: header.login, instance: text(header.instance), message: text(header.message) } : null,
    mac: mac ? describeImprint(mac) : null,
    signing: pdu.aggregationRequests.map((r) => ({ id: String(r.id), level: r.level, hash: describeImprint(r.hash) })),
    signed: pdu.aggregationResponses.map((r) => ({
      ...answer(r),
      parts: r.parts.map((part) => `0x${part.tag.toString(16)}`),
    })),
    extending: pdu.extensionRequests.map((r) => ({
      ...{ id: String(r.id), from: describeTime(r.aggregationTime) },
      to: r.publicationTime === undefined ? null : describeTime(r.publicationTime),
    })),
    extended: pdu.extensionResponses.map((r) => ({
      ...answer(r),
      calendarLast: r.calendarLast === undefined ? null : describeTime(r.calendarLast),
      links: r.chain?.links.length ?? null,
    })),
    ...{ configurationAsked: pdu.configAsked, configuration: pdu.config ? configView(pdu.config) : null },
    error: pdu.error ? { status: `0x${pdu.error.status.toString(16)}`, message: pdu.error.message ?? null } : null,
  };
}

function sayMessage(view: ReturnType<typeof messageView>, output: Output): void {
  output.say(`${output.text(view.kind)} (${view.message})`);
  if (view.header) output.say(`  login ${JSON.stringify(view.header.login)}`);
  if (view.mac)
    output.say(
      output.text({
        zh: `  消息认证码 ${view.mac.algorithm}:${view.mac.hex}（未核对）`,
        en: `  message authentication code ${view.mac.algorithm}:${view.mac.hex} (not checked)`,
      }),
    );
  for (const [name, list] of Object.entries(view)) {
    if (Array.isArray(list)) for (const one of list) output.say(`  ${name} ${JSON.stringify(one)}`);
  }
  if (view.configurationAsked) output.say(output.text({ zh: '  询问服务器参数', en: '  asks for the configuration' }));
  if (view.configuration) output.say(`  configuration ${JSON.stringify(view.configuration)}`);
  if (view.error) output.say(`  error ${view.error.status} ${JSON.stringify(view.error.message ?? '')}`);
}

/** Says what a file contains, whichever of the three it is. */
export async function runInspect(file: string, options: { steps: boolean }, output: Output): Promise<void> {
  const bytes = await bytesOfFile(file, MOST);
  if (Buffer.from(bytes.subarray(0, 8)).toString('latin1') === 'KSIPUBLF') {
    const { read, view } = inFile(file, () => {
      const publications = readPublicationsFile(bytes);
      return { read: publications, view: publicationsView(publications) };
    });
    return output.answer({ kind: 'publications', ...view }, () => sayPublications(read, output));
  }
  // The wide header of the outermost element says what it is.
  const tag = bytes[0]! & 0x80 ? ((bytes[0]! & 0x1f) << 8) | (bytes[1] ?? 0) : 0;
  if (tag === 0x800) {
    const account = inFile(file, () => describe(readSignature(bytes)));
    return output.answer({ kind: 'signature', ...account }, () =>
      output.say(describeText(account, output.language, { steps: options.steps })),
    );
  }
  if (!kinds[tag]) throw new Problem(unknownKind, { file });
  const view = inFile(file, () => messageView(bytes));
  output.answer({ ...view, kind: 'message' }, () => sayMessage(view, output));
}
