/** Computes the fingerprint of a file beside the page, piece by piece. */
import { fingerprintPieces } from './pieces.ts';

self.onmessage = async (event: MessageEvent<{ file: Blob; algorithm: number }>) => {
  const { file, algorithm } = event.data;
  try {
    const imprint = await fingerprintPieces(file, algorithm, (done) => self.postMessage({ done }));
    self.postMessage({ imprint });
  } catch (error) {
    self.postMessage({ error: (error as Error).message });
  }
};
