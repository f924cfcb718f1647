/** Characters of addresses, one code unit to one code unit, so that spans in the folded text are spans in the original. */

/** Classes of characters. */
export const OTHER = 0;
export const DIGIT = 1;
export const LETTER = 2;
export const NUMERAL = 3;
export const SPACE = 4;
export const DASH = 5;
export const PUNCTUATION = 6;
export const OPEN = 7;
export const CLOSE = 8;

const FOLD = new Uint16Array(65536);
const CLASS = new Uint8Array(65536);

/** Chinese numerals that count in addresses, formal ones among them, with their digits or powers of ten. */
export const NUMERALS: Readonly<Record<string, number>> = {
  〇: 0,
  零: 0,
  一: 1,
  二: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
  十: 10,
  百: 100,
  两: 2,
  壹: 1,
  贰: 2,
  叁: 3,
  肆: 4,
  伍: 5,
  陆: 6,
  柒: 7,
  捌: 8,
  玖: 9,
  拾: 10,
  佰: 100,
};

function setUp(): void {
  for (let code = 0; code < 65536; code++) FOLD[code] = code;
  for (let code = 0x21; code <= 0x7e; code++) FOLD[code + 0xfee0] = code;
  for (let code = 0x61; code <= 0x7a; code++) {
    FOLD[code] = code - 32;
    FOLD[code + 0xfee0] = code - 32;
  }
  const fold = (chars: string, to: string): void => {
    for (let i = 0; i < chars.length; i++) FOLD[chars.charCodeAt(i)] = to.charCodeAt(0);
  };
  fold('\t\n\v\f\r\u00a0\u2002\u2003\u2009\u200a\u200b\u200c\u200d\u202f\u205f\u3000\ufeff', ' ');
  fold('\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d', '-');
  fold('（〔【［「『《〈', '(');
  fold('[{<\uff5b\uff1c\uff3b', '(');
  fold('）〕】］」』》〉', ')');
  fold(']}>\uff5d\uff1e\uff3d', ')');
  fold('；', ';');
  fold('號', '号');
  fold('樓', '楼');
  fold('棟', '栋');
  fold('區', '区');
  fold('縣', '县');
  fold('鎮', '镇');
  fold('鄉', '乡');
  fold('○', '〇');
  for (let code = 0x30; code <= 0x39; code++) CLASS[code] = DIGIT;
  for (let code = 0x41; code <= 0x5a; code++) CLASS[code] = LETTER;
  for (const char of Object.keys(NUMERALS)) CLASS[char.charCodeAt(0)] = NUMERAL;
  const put = (chars: string, as: number): void => {
    for (let i = 0; i < chars.length; i++) CLASS[chars.charCodeAt(i)] = as;
  };
  put(' ', SPACE);
  put('-_~/\\|=+', DASH);
  put(',.，。、;:：!！?？"\'“”‘’…*^%$@`', PUNCTUATION);
  put('(', OPEN);
  put(')', CLOSE);
  for (let code = 0; code < 32; code++) CLASS[code] = SPACE;
}
setUp();

/** The folded form of a code unit: half width, upper case, one kind of dash, bracket and space. */
export function foldCode(code: number): number {
  return FOLD[code]!;
}

/** The class of a folded code unit. */
export function classOf(code: number): number {
  return CLASS[code]!;
}

/** Half width, upper case, one kind of dash and bracket; same length as the text. Full width and half width fold alike. */
export function fold(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (FOLD[code] !== code) {
      const codes: string[] = [];
      for (let k = 0; k < text.length; k++) codes.push(String.fromCharCode(FOLD[text.charCodeAt(k)]!));
      return codes.join('');
    }
  }
  return text;
}
