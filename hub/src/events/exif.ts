/** Where and when a photograph was taken, by its EXIF segments. Pure; what does not hold says nothing. */

/** WGS 84 degrees; `taken`: the camera's local time as ISO text without zone. */
export interface Taken {
  longitude: number | null;
  latitude: number | null;
  taken: string | null;
}

/** Reads what the segments taken out of a JPEG say. */
export function takenBy(segments: Buffer): Taken {
  const nothing: Taken = { longitude: null, latitude: null, taken: null };
  const at = segments.indexOf('Exif\0\0', 0, 'latin1');
  if (at < 0) return nothing;
  const t = segments.subarray(at + 6);
  try {
    return read(t);
  } catch {
    // Offsets that lead out of the segment: a damaged or hostile one.
    return nothing;
  }
}

function read(t: Buffer): Taken {
  const little = t.subarray(0, 2).toString('latin1') === 'II';
  const u16 = (o: number) => (little ? t.readUInt16LE(o) : t.readUInt16BE(o));
  const u32 = (o: number) => (little ? t.readUInt32LE(o) : t.readUInt32BE(o));
  const entries = (start: number): Map<number, { type: number; count: number; at: number }> => {
    const found = new Map<number, { type: number; count: number; at: number }>();
    for (let i = 0; i < Math.min(u16(start), 500); i++) {
      const o = start + 2 + 12 * i;
      found.set(u16(o), { type: u16(o + 2), count: u32(o + 4), at: o + 8 });
    }
    return found;
  };
  const text = (e: { count: number; at: number } | undefined): string | null => {
    if (!e || e.count > 64) return null;
    const from = e.count <= 4 ? e.at : u32(e.at);
    return t
      .subarray(from, from + e.count)
      .toString('latin1')
      .replace(/\0.*$/s, '');
  };
  const degrees = (e: { count: number; at: number; type: number } | undefined): number | null => {
    if (e?.count !== 3 || e.type !== 5) return null;
    const from = u32(e.at);
    const part = (i: number) => u32(from + 8 * i) / (u32(from + 8 * i + 4) || Number.NaN);
    const d = part(0) + part(1) / 60 + part(2) / 3600;
    return Number.isFinite(d) ? d : null;
  };
  const top = entries(u32(4));
  const gpsAt = top.get(0x8825);
  const ownAt = top.get(0x8769);
  let longitude: number | null = null;
  let latitude: number | null = null;
  if (gpsAt) {
    const gps = entries(u32(gpsAt.at));
    const lat = degrees(gps.get(2));
    const lon = degrees(gps.get(4));
    if (lat !== null && lon !== null && lat <= 90 && lon <= 180) {
      latitude = text(gps.get(1)) === 'S' ? -lat : lat;
      longitude = text(gps.get(3)) === 'W' ? -lon : lon;
    }
  }
  const when = ownAt ? text(entries(u32(ownAt.at)).get(0x9003)) : null;
  const m = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(when ?? '');
  return { longitude, latitude, taken: m ? `${m[1]}-${m[2]}-${m[3]}T${m[4]}` : null };
}
