/**
 * Levels of a warning (预警级别): blue, yellow, orange, red, from the least to the gravest, as GB/T 35965.1 colours them; 0 is none.
 * Neither Node nor an engine is needed to read this.
 */

/** The colours in ascending order; a level's number is its place here, from 1. */
export const colours = ['blue', 'yellow', 'orange', 'red'] as const;
export type Colour = (typeof colours)[number];
/** 0: no warning; 1 blue (蓝), 2 yellow (黄), 3 orange (橙), 4 red (红). */
export type Level = 0 | 1 | 2 | 3 | 4;

/** The number of a colour. */
export const levelOf = (colour: Colour): Level => (colours.indexOf(colour) + 1) as Level;
/** The colour of a level above 0. */
export const colourOf = (level: number): Colour | null => colours[level - 1] ?? null;

/** What colours are called: 蓝色 / Blue. */
export const colourTitles: Readonly<Record<Colour, { zh: string; en: string; roman: string }>> = {
  blue: { zh: '蓝色', en: 'Blue', roman: 'IV' },
  yellow: { zh: '黄色', en: 'Yellow', roman: 'III' },
  orange: { zh: '橙色', en: 'Orange', roman: 'II' },
  red: { zh: '红色', en: 'Red', roman: 'I' },
};
