/**
 * The map as a sheet to keep or print: title, the map as it is seen, legend, scale, north, when it was made and the approval number
 * (审图号). One canvas for the picture and for the printed page, so that both say the same.
 */
import type { Map as GlMap } from 'maplibre-gl';
import { fontFamily, palettes } from '../../theme/tokens.ts';

export interface Sheet {
  title: string;
  /** Lines of the legend; without a colour: the name of a layer whose classes follow. */
  legend: { colour?: string; text: string }[];
  /** Who may say what this map is: attribution and approval number. */
  notes: string[];
  legendTitle: string;
  north: string;
}

/** Draws the sheet; sizes in pixels of the screen times its density. */
export function sheetOf(map: GlMap, sheet: Sheet): HTMLCanvasElement {
  const own = map.getCanvas();
  const k = own.width / own.clientWidth;
  // As many columns as the legend needs beside a map of this height; what does not fit into three is told, not left out silently.
  const rows = Math.max(4, Math.floor((own.clientHeight - 130) / 20));
  const columns = Math.min(3, Math.max(1, Math.ceil(sheet.legend.length / rows)));
  const side = 220 * columns * k;
  const head = 58 * k;
  const foot = (42 + 18 * sheet.notes.length) * k;
  const out = document.createElement('canvas');
  out.width = own.width + side;
  out.height = own.height + head + foot;
  const c = out.getContext('2d')!;
  const p = palettes.light;
  const font = (size: number, weight = 400) => {
    c.font = `${weight} ${size * k}px ${fontFamily}`;
  };
  c.fillStyle = p.surface;
  c.fillRect(0, 0, out.width, out.height);
  c.fillStyle = p.ink;
  font(22, 620);
  c.fillText(sheet.title, 18 * k, 38 * k);
  c.drawImage(own, 0, head);
  c.strokeStyle = p['line-strong'];
  c.lineWidth = k;
  c.strokeRect(k / 2, head, own.width - k, own.height);
  font(14, 600);
  const left = own.width + 16 * k;
  c.fillText(sheet.legendTitle, left, head + 22 * k);
  for (const [i, line] of sheet.legend.slice(0, rows * columns).entries()) {
    const x = left + Math.floor(i / rows) * 220 * k;
    const y = head + (42 + 20 * (i % rows)) * k;
    const last = i === rows * columns - 1 && sheet.legend.length > rows * columns;
    if (line.colour && !last) {
      c.fillStyle = line.colour;
      c.fillRect(x, y - 10 * k, 14 * k, 11 * k);
    }
    font(12, line.colour ? 400 : 600);
    c.fillStyle = line.colour ? p.ink2 : p.ink;
    const text = last ? `… +${sheet.legend.length - rows * columns + 1}` : line.text.slice(0, 26);
    c.fillText(text, x + (line.colour && !last ? 22 * k : 0), y);
  }
  northArrow(c, own.width + side / 2, head + own.height - 44 * k, k, (-map.getBearing() * Math.PI) / 180, sheet.north);
  scaleBar(c, map, 18 * k, head + own.height + 24 * k, k);
  c.fillStyle = p.ink2;
  font(12);
  for (const [i, note] of sheet.notes.entries()) c.fillText(note, 18 * k, head + own.height + (46 + 18 * i) * k);
  return out;
}

function northArrow(c: CanvasRenderingContext2D, x: number, y: number, k: number, turn: number, north: string): void {
  c.save();
  c.translate(x, y);
  c.rotate(turn);
  c.fillStyle = palettes.light.ink;
  c.beginPath();
  c.moveTo(0, -26 * k);
  c.lineTo(9 * k, 10 * k);
  c.lineTo(0, 3 * k);
  c.lineTo(-9 * k, 10 * k);
  c.closePath();
  c.fill();
  c.font = `600 ${13 * k}px ${fontFamily}`;
  c.textAlign = 'center';
  c.fillText(north, 0, -32 * k);
  c.restore();
}

/** A bar of a round length near a hundred pixels. */
function scaleBar(c: CanvasRenderingContext2D, map: GlMap, x: number, y: number, k: number): void {
  const { lat } = map.getCenter();
  const metresPerPixel = (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
  const wanted = metresPerPixel * 120;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const round = [5, 2, 1].find((m) => m * power <= wanted)! * power;
  const width = (round / metresPerPixel) * k;
  c.strokeStyle = palettes.light.ink;
  c.lineWidth = 1.6 * k;
  c.beginPath();
  c.moveTo(x, y - 6 * k);
  c.lineTo(x, y);
  c.lineTo(x + width, y);
  c.lineTo(x + width, y - 6 * k);
  c.stroke();
  c.fillStyle = palettes.light.ink;
  c.font = `${12 * k}px ${fontFamily}`;
  c.fillText(round >= 1000 ? `${round / 1000} km` : `${round} m`, x + width + 8 * k, y);
}

/** Saves the sheet as a picture. */
export async function saveSheet(sheet: HTMLCanvasElement, name: string): Promise<void> {
  const blob = await new Promise<Blob | null>((done) => sheet.toBlob(done, 'image/png'));
  if (!blob) return;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Hands the sheet to the browser's printing (paper or PDF): alone on its page. */
export async function printSheet(sheet: HTMLCanvasElement, label: string): Promise<void> {
  const picture = document.createElement('img');
  picture.className = 'map-print';
  picture.alt = label;
  picture.src = sheet.toDataURL('image/png');
  await picture.decode();
  document.body.append(picture);
  const away = () => {
    picture.remove();
    document.documentElement.classList.remove('printing-map');
  };
  document.documentElement.classList.add('printing-map');
  addEventListener('afterprint', away, { once: true });
  window.print();
}
