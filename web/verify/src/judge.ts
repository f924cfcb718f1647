/** Judges what was handed in: the signature, a document's fingerprint, and whatever is believed. No network, no page. */
import {
  certificatesOf,
  describe,
  embeddedCertificates,
  Hasher,
  KeylessError,
  type KeylessSignature,
  type PublicationsFile,
  readPublicationString,
  readPublicationsFile,
  readSignature,
  type SignatureAccount,
  sentenceOf,
  type Trust,
  type Verdict,
  verify,
  verifyPublicationsFile,
} from '@jingwei/keyless';

/** A sentence in both languages, with its code where it has one. */
export interface Said {
  code?: string;
  zh: string;
  en: string;
}

/** What is handed in. */
export interface Evidence {
  signature?: Uint8Array;
  /** Imprint of the document under the algorithm of the signature. */
  imprint?: Uint8Array;
  printed?: string;
  publications?: Uint8Array;
  /** Root certificate, PEM or DER. */
  root?: string | Uint8Array;
  /** Root and e-mail address that came with the page. */
  anchors?: Anchors;
  printedConfirmed: boolean;
  /** Fingerprint of the root together with the editor that a person confirmed. */
  editorConfirmed?: string;
}

/** What a service writes into the page that it hands out. */
export interface Anchors {
  name?: string;
  root: string;
  email: string;
}

/** Who signed a publications file. */
export interface EditorAccount {
  signer: string;
  /** SHA-256 of the root, hexadecimal. */
  rootPrint: string;
  /** Whether the root is the one that was handed in or came with the page, and not only the file's own. */
  given: 'page' | 'file' | 'own';
  created: bigint;
  publications: number;
  /** What must be confirmed: editor and root. */
  mark: string;
}

/** What came out. */
export interface Judgement {
  outcome: 'waiting' | 'broken' | 'proven' | 'refuted' | 'open';
  /** Whether the document was compared, and fits. */
  compared: boolean | undefined;
  basis?: 'printed' | 'publication' | 'key';
  /** What is missing where nothing can be concluded. */
  missing?: 'printed' | 'publications' | 'extending' | 'anchor' | 'confirm' | 'other';
  said?: Said;
  account?: SignatureAccount;
  editor?: EditorAccount;
  /** What was handed in beside the signature and cannot be used. */
  fileRefused?: Said;
  printedWrong?: Said;
  rootWrong?: Said;
}

const saidOf = (error: unknown): Said => {
  if (error instanceof KeylessError) return { code: error.code, zh: error.zh, en: error.message };
  throw error;
};

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Reads and verifies the publications file as far as that goes without a person. */
function editorOf(evidence: Evidence): { file: PublicationsFile; editor: EditorAccount } {
  const file = readPublicationsFile(evidence.publications!);
  const embedded = embeddedCertificates(file);
  const signer = embedded.find((certificate) => certificate.emails.length > 0);
  const email = signer?.emails[0] ?? '';
  const attempt = (given: EditorAccount['given'], roots: (string | Uint8Array)[], address: string) => {
    const { signer: name, root } = verifyPublicationsFile(file, { roots, email: address });
    const rootPrint = hex(new Hasher(1).update(root).digest().subarray(1));
    const mark = `${rootPrint} ${name}`;
    const publications = file.publications.length;
    return { file, editor: { signer: name, rootPrint, given, created: file.created, publications, mark } };
  };
  if (evidence.anchors) {
    try {
      return attempt('page', [evidence.anchors.root], evidence.anchors.email);
    } catch (error) {
      // The file of another service: its editor is for a person to confirm.
      const code = error instanceof KeylessError ? error.code : '';
      if (!/untrusted|email/.test(code)) throw error;
    }
  }
  if (evidence.root) return attempt('file', [evidence.root], email);
  // Nobody's root: that of the file itself, to be shown and compared by a person. Only certificates that sign themselves can be one.
  const own = embedded.filter(({ issuer, subject }) => hex(issuer) === hex(subject)).map(({ bytes }) => bytes);
  return attempt('own', own, email);
}

/** Judges. Throws only for faults of the program. */
export async function judge(evidence: Evidence): Promise<Judgement> {
  const out: Judgement = { outcome: 'waiting', compared: undefined };
  let publicationsFile: PublicationsFile | undefined;
  if (evidence.root) {
    try {
      certificatesOf(evidence.root);
    } catch (error) {
      out.rootWrong = saidOf(error);
    }
  }
  if (evidence.publications && !out.rootWrong) {
    try {
      const { file, editor } = editorOf(evidence);
      out.editor = editor;
      if (editor.given === 'page' || evidence.editorConfirmed === editor.mark) publicationsFile = file;
    } catch (error) {
      out.fileRefused = saidOf(error);
    }
  }
  let printed: { time: bigint; hash: Uint8Array } | undefined;
  if (evidence.printed?.trim()) {
    try {
      printed = readPublicationString(evidence.printed.replace(/\s+/g, ''));
    } catch (error) {
      out.printedWrong = saidOf(error);
    }
  }
  if (!evidence.signature) return out;
  try {
    const signature = readSignature(evidence.signature);
    out.account = describe(signature);
    return await weigh(out, signature, evidence, publicationsFile, printed);
  } catch (error) {
    return { ...out, outcome: 'broken', said: saidOf(error) };
  }
}

async function weigh(
  out: Judgement,
  signature: KeylessSignature,
  evidence: Evidence,
  publicationsFile: PublicationsFile | undefined,
  printed: { time: bigint; hash: Uint8Array } | undefined,
): Promise<Judgement> {
  const { publication, authentication } = signature;
  const trust: Trust = evidence.imprint ? { hash: evidence.imprint } : {};
  const refuted = (verdict: Verdict): Judgement => {
    if (verdict.outcome === 'ok') return out;
    const said = { code: verdict.code, ...sentenceOf(verdict.code) };
    if (verdict.outcome === 'failed') return { ...out, outcome: 'refuted', said };
    return { ...out, outcome: 'open', missing: 'other', said: { ...said, en: verdict.reason ?? said.en } };
  };
  const inside = await verify(signature, 'internal', trust);
  if (inside.outcome !== 'ok') {
    const other = inside.code === 'GEN-01' || inside.code === 'GEN-04';
    return { ...refuted(inside), compared: other ? false : undefined };
  }
  const compared = evidence.imprint ? true : undefined;
  const proven = (basis: NonNullable<Judgement['basis']>): Judgement => ({
    ...out,
    outcome: 'proven',
    compared,
    basis,
  });
  const open = (missing: NonNullable<Judgement['missing']>): Judgement => ({
    ...out,
    outcome: 'open',
    compared,
    missing,
  });

  const onPaper = printed ?? (evidence.printedConfirmed && publication ? publication.data : undefined);
  if (onPaper) {
    const verdict = await verify(signature, 'userPublication', { ...trust, userPublication: onPaper });
    if (verdict.outcome === 'ok') return proven('printed');
    if (verdict.outcome === 'failed') return { ...refuted(verdict), compared };
    if (!publicationsFile) return open('extending');
  }
  if (publicationsFile) {
    const byFile = await verify(signature, 'publicationsFile', { ...trust, publicationsFile });
    if (byFile.outcome === 'ok') return proven('publication');
    if (byFile.outcome === 'failed') return { ...refuted(byFile), compared };
    const byKey = await verify(signature, 'key', { ...trust, publicationsFile });
    if (byKey.outcome === 'ok') return proven('key');
    return { ...refuted(byKey), compared };
  }
  if (out.editor) return open('confirm');
  if (publication) return open('printed');
  return open(authentication ? 'publications' : 'anchor');
}
