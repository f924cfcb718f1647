/** `jingwei extend`: a signature up to a publication, after which hash functions and the printed string suffice. */
import { Problem } from '@jingwei/hub/light';
import {
  calendarRoot,
  describeImprint,
  describeTime,
  extendSignature,
  KeylessError,
  nearestPublication,
  publicationString,
  readPublicationString,
  readSignature,
  signingTime,
  verify,
  writePublicationRecord,
} from '@jingwei/keyless';
import type { Common } from '../hub.ts';
import type { Output } from '../output.ts';
import { mayWrite, writeWhole } from './files.ts';
import { badTime, noneAfter, noServer } from './problems.ts';
import { extenderOf, neededPublications, type TrustOptions } from './servers.ts';
import { signatureOfFile } from './verify.ts';

/** What may stand behind `extend`. */
export interface ExtendOptions extends TrustOptions {
  to?: string;
  publication?: string;
  out?: string;
  force?: boolean;
}

/** A second as people write it: Unix seconds or ISO 8601. */
function secondOf(text: string): bigint {
  if (/^\d{1,19}$/.test(text)) return BigInt(text);
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new Problem(badTime, { text });
  return BigInt(Math.floor(ms / 1000));
}

const mismatch = () =>
  new KeylessError(
    'extend.mismatch',
    '服务器的日历与签名或公开值不符，签名未改动',
    'the calendar of the server does not fit the signature or the publication: the signature was left as it is',
  );

/** The publication that is wanted: the printed one, or the first of the publications file at or after the time. */
async function wanted(
  options: ExtendOptions,
  common: Common,
  signedAt: bigint,
): Promise<{ time: bigint; hash: Uint8Array; references?: string[]; repositories?: string[] }> {
  if (options.publication) return readPublicationString(options.publication);
  const from = options.to === undefined ? signedAt : secondOf(options.to);
  const { file } = await neededPublications(options, common);
  const found = nearestPublication(file, from > signedAt ? from : signedAt);
  if (!found) {
    const at = describeTime(from > signedAt ? from : signedAt);
    throw new Problem(noneAfter, { at: at.utc ?? at.unix });
  }
  const { data, references, repositories } = found;
  return { time: data.time, hash: data.hash, references, repositories };
}

/** Extends a signature and writes it beside the old one, or over it with `--force --out`. */
export async function runExtend(file: string, options: ExtendOptions, common: Common, output: Output): Promise<void> {
  const out = options.out ?? `${file.replace(/\.ksig$/, '')}.extended.ksig`;
  mayWrite(out, options.force ?? false);
  const signature = await signatureOfFile(file);
  const publication = await wanted(options, common, signingTime(signature));
  const extender = await extenderOf(options, common);
  if (!extender) throw new Problem(noServer, { option: '--extender' });
  const chain = await extender(signingTime(signature), publication.time);
  const root = calendarRoot(chain);
  if (describeImprint(root).imprint !== describeImprint(publication.hash).imprint) throw mismatch();
  const bytes = extendSignature(signature, chain.tlv.bytes, writePublicationRecord(0x803, publication));
  // What is written holds: the old chains lead to this publication.
  const verdict = await verify(readSignature(bytes), 'userPublication', { userPublication: publication });
  if (verdict.outcome !== 'ok') throw mismatch();
  writeWhole(out, bytes, options.force ?? false);
  const printed = publicationString(publication.time, publication.hash);
  const at = describeTime(publication.time);
  output.answer({ signature: file, written: out, bytes: bytes.length, publication: { ...at, printed } }, () => {
    output.say(`${file} → ${out}`);
    output.say(
      output.text({
        zh: `已延伸到 ${at.beijing ?? at.unix}（北京时间）的公开值`,
        en: `extended to the publication of ${at.utc ?? at.unix}`,
      }),
    );
    output.say(printed);
  });
}
