/**
 * Units of measurement (计量单位) as sensors write them, and how they are converted on the way in. Codes are those of UN/CEFACT
 * Recommendation 20, which NGSI-LD uses as `unitCode`; a sensor may send the code or any spelling of the table.
 */

interface Unit {
  /** What is measured; units of one quantity convert into each other. */
  quantity: string;
  /** value in the base unit = value * factor + offset. */
  factor: number;
  offset?: number;
  /** The unit as people read it. */
  symbol: string;
  /** Other spellings, normalised: lower case, no blanks, u for micro, plain digits. */
  names: readonly string[];
}

const u = (quantity: string, factor: number, symbol: string, names: string[] = [], offset = 0): Unit => ({
  ...{ quantity, factor, offset, symbol, names },
});

/** Every unit that is understood, by its code. */
export const units: Readonly<Record<string, Unit>> = {
  C62: u('ratio', 1, '', ['1', 'one', 'count', 'pcs', '个', '辆', '人', '人次', '次', '级']),
  P1: u('ratio', 0.01, '%', ['percent', 'pct', '百分比']),
  GQ: u('mass concentration', 1, 'μg/m³', ['ugm-3', 'ug/nm3', '微克/立方米']),
  GP: u('mass concentration', 1000, 'mg/m³', ['mgm-3', 'mg/nm3', '毫克/立方米']),
  '59': u('volume fraction', 1, 'ppm', ['ppmv', 'umol/mol']),
  '61': u('volume fraction', 0.001, 'ppb', ['ppbv', 'nmol/mol']),
  CEL: u('temperature', 1, '°C', ['degc', 'c', 'celsius', '摄氏度']),
  FAH: u('temperature', 5 / 9, '°F', ['degf', 'f', 'fahrenheit', '华氏度'], -160 / 9),
  KEL: u('temperature', 1, 'K', ['kelvin', '开'], -273.15),
  MMT: u('length', 0.001, 'mm', ['毫米']),
  CMT: u('length', 0.01, 'cm', ['厘米']),
  MTR: u('length', 1, 'm', ['metre', 'meter', '米']),
  KMT: u('length', 1000, 'km', ['公里', '千米']),
  A97: u('pressure', 1, 'hPa', ['mbar', 'mb', '百帕']),
  KPA: u('pressure', 10, 'kPa', ['千帕']),
  PAL: u('pressure', 0.01, 'Pa', ['帕']),
  MPA: u('pressure', 10_000, 'MPa', ['兆帕']),
  BAR: u('pressure', 1000, 'bar', ['巴']),
  MTS: u('speed', 1, 'm/s', ['ms-1', '米/秒']),
  KMH: u('speed', 1 / 3.6, 'km/h', ['kmh', 'kph', '公里/时', '千米/时', '公里/小时']),
  KNT: u('speed', 1852 / 3600, 'kn', ['kt', 'kts', 'knot', '节']),
  H67: u('rain rate', 1, 'mm/h', ['mmh-1', '毫米/时', '毫米/小时']),
  MQS: u('flow', 1, 'm³/s', ['m3s-1', '立方米/秒']),
  MQH: u('flow', 1 / 3600, 'm³/h', ['m3h-1', '立方米/时', '立方米/小时']),
  G51: u('flow', 0.001, 'L/s', ['ls-1', '升/秒']),
  MTQ: u('volume', 1, 'm³', ['立方米']),
  LTR: u('volume', 0.001, 'L', ['litre', 'liter', '升']),
  DD: u('angle', 1, '°', ['deg', 'degree', '度']),
  '2N': u('sound level', 1, 'dB', ['db(a)', 'dba', '分贝']),
  WTT: u('power', 0.001, 'W', ['瓦']),
  KWT: u('power', 1, 'kW', ['千瓦']),
  MAW: u('power', 1000, 'MW', ['兆瓦']),
  KWH: u('energy', 1, 'kWh', ['千瓦时']),
  MWH: u('energy', 1000, 'MWh', ['兆瓦时']),
  VLT: u('voltage', 1, 'V', ['伏', '伏特']),
  KVT: u('voltage', 1000, 'kV', ['千伏']),
  AMP: u('current', 1, 'A', ['安', '安培']),
  HTZ: u('frequency', 1, 'Hz', ['赫', '赫兹']),
  SEC: u('duration', 1, 's', ['秒']),
  MIN: u('duration', 60, 'min', ['分钟']),
  D54: u('irradiance', 1, 'W/m²', ['wm-2', '瓦/平方米']),
  LUX: u('illuminance', 1, 'lx', ['勒克斯']),
  NTU: u('turbidity', 1, 'NTU', []),
  Q30: u('acidity', 1, 'pH', []),
  M1: u('mass in water', 1, 'mg/L', ['mgl-1', '毫克/升']),
  D10: u('conductivity', 1, 'S/m', []),
  H61: u('conductivity', 0.1, 'mS/cm', []),
  DBM: u('signal', 1, 'dBm', []),
};

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[µμ]/g, 'u')
    .replace(/\s+|\^|·|°|º/g, (c) => (c === '°' || c === 'º' ? 'deg' : ''));

const spellings = new Map<string, string>();
for (const [code, unit] of Object.entries(units))
  for (const name of [unit.symbol, ...unit.names]) if (name) spellings.set(plain(name), code);

/** The code of a unit in any spelling; undefined when it is not known. Codes themselves are upper case. */
export function unitCode(text: string): string | undefined {
  return Object.hasOwn(units, text) ? text : spellings.get(plain(text));
}

/** The unit as people read it; the code itself where it is not of the table. */
export const unitSymbol = (code: string): string => units[code]?.symbol ?? code;

/** Litres of one mole of gas at 298.15 K and 1013.25 hPa, the state in which GB 3095 (as amended in 2018) gives concentrations of gases. */
const MOLAR_LITRES = 24.465;

/** `value * factor + offset` is the value in the other unit. */
export interface Conversion {
  factor: number;
  offset: number;
}

/**
 * How a value of one unit becomes one of another; undefined where they measure different things.
 * @param molar grams a mole of the gas, for ppm and ppb into mass concentrations
 */
export function conversion(from: string, to: string, molar?: number): Conversion | undefined {
  if (from === to) return { factor: 1, offset: 0 };
  const a = units[from];
  const b = units[to];
  if (!a || !b) return undefined;
  if (a.quantity === b.quantity)
    return { factor: a.factor / b.factor, offset: ((a.offset ?? 0) - (b.offset ?? 0)) / b.factor };
  if (!molar) return undefined;
  // 1 ppm of a gas is molar / 24.465 milligrams in a cubic metre.
  const perPpm = (molar / MOLAR_LITRES) * 1000;
  if (a.quantity === 'volume fraction' && b.quantity === 'mass concentration')
    return { factor: (a.factor * perPpm) / b.factor, offset: 0 };
  if (a.quantity === 'mass concentration' && b.quantity === 'volume fraction')
    return { factor: a.factor / perPpm / b.factor, offset: 0 };
  return undefined;
}
