/** Which signature belongs to which of the files that were dropped together, by their names. */

/** How a signature's file name ends. */
export const SIGNATURE_ENDING = '.ksig';

/** A file and the signature that goes with it; either may be missing. */
export interface Pair<F> {
  file?: F;
  signature?: F;
}

const isSignature = (name: string): boolean => name.toLowerCase().endsWith(SIGNATURE_ENDING);

/** `plan.pdf.ksig` → `plan.pdf`; the number that browsers add to a second download, `plan.pdf (1).ksig`, is left out. */
function signedName(name: string): string {
  return name
    .slice(0, -SIGNATURE_ENDING.length)
    .replace(/ \(\d+\)$/, '')
    .toLowerCase();
}

const stem = (name: string): string => name.toLowerCase().replace(/\.[^.]*$/, '');

/**
 * Pairs files with signatures: `plan.pdf` with `plan.pdf.ksig`, then `plan.pdf` with `plan.ksig`; a single file and a single signature that are left
 * belong together whatever they are called. Files first, in the order in which they came; signatures without a file last.
 */
export function paired<F extends { name: string }>(files: readonly F[]): Pair<F>[] {
  const signatures = files.filter((file) => isSignature(file.name));
  const documents = files.filter((file) => !isSignature(file.name));
  const free = new Set(signatures);
  const found = new Map<F, F>();
  const match = (fits: (document: F, signature: F) => boolean) => {
    for (const document of documents) {
      if (found.has(document)) continue;
      for (const signature of free) {
        if (!fits(document, signature)) continue;
        found.set(document, signature);
        free.delete(signature);
        break;
      }
    }
  };
  match((document, signature) => signedName(signature.name) === document.name.toLowerCase());
  match((document, signature) => signedName(signature.name) === stem(document.name));
  const lone = documents.filter((document) => !found.has(document));
  if (lone.length === 1 && free.size === 1) match(() => true);
  return [
    ...documents.map((file): Pair<F> => {
      const signature = found.get(file);
      return signature ? { file, signature } : { file };
    }),
    ...[...free].map((signature): Pair<F> => ({ signature })),
  ];
}
