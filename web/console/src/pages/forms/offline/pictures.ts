/** Pictures are made smaller on the phone before they are kept and sent; place, camera and owner that a camera writes into them stay behind. */

const LONGEST_SIDE = 1600;
const QUALITY = 0.82;

/** Width and height within a square, in whole pixels; never enlarged. */
export function fitted(width: number, height: number, side = LONGEST_SIDE): { width: number; height: number } {
  const scale = Math.min(1, side / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function blobOf(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob> {
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture cannot be written'))), type, quality),
  );
}

/** A JPEG of the picture, upright, its longest side at most 1,600 pixels. Fails when it is no picture. */
export async function smaller(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const { width, height } = fitted(bitmap.width, bitmap.height);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d')!;
  // What was transparent would be black in a JPEG.
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return blobOf(canvas, 'image/jpeg', QUALITY);
}

/** The drawing of a canvas as PNG. */
export const drawn = (canvas: HTMLCanvasElement): Promise<Blob> => blobOf(canvas, 'image/png');
