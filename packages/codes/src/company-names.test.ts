import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { companyAbbreviations, companyNameKey, normaliseCompanyName, parseCompanyName } from './company-names.ts';

const home = { home: '3302' };

describe('company names', () => {
  it('reads division, trade name, industry and legal form', () => {
    expect(parseCompanyName('慈溪市公牛电器有限公司')).toMatchObject({
      divisions: [{ text: '慈溪市', code: '330282' }],
      trade: '公牛',
      industry: '电器',
      form: '有限公司',
      group: false,
    });
    expect(parseCompanyName('公牛集团股份有限公司')).toMatchObject({
      divisions: [],
      trade: '公牛',
      industry: '',
      form: '股份有限公司',
      group: true,
    });
  });

  it('finds the division in the middle in brackets of any kind', () => {
    for (const name of ['公牛（慈溪）电器有限公司', '公牛(慈溪)电器有限公司', '公牛【慈溪】电器有限公司']) {
      expect(parseCompanyName(name)).toMatchObject({
        divisions: [{ text: '慈溪', code: '330282' }],
        trade: '公牛',
        industry: '电器',
        note: '',
      });
    }
  });

  it.each([
    ['宁波市鄞州姜山狮山机电配件厂', '姜山', '狮山', '机电配件', '厂'],
    ['余姚市余姚镇电器配件厂', '余姚镇', '', '电器配件', '厂'],
    ['余姚市三七市镇光明五金塑料厂', '三七市镇', '光明', '五金塑料', '厂'],
    ['宁波经济技术开发区金欣贸易有限公司', '经济技术开发区', '金欣', '贸易', '有限公司'],
    ['慈溪市坎墩安达电器厂', '坎墩', '安达', '电器', '厂'],
    ['宁波 方太厨具(有限)责任公司', '', '方太', '厨具', '有限责任公司'],
    ['东方电气集团有限公司', '', '东方', '电气', '有限公司'],
  ])('reads %s', (name, town, trade, industry, form) => {
    expect(parseCompanyName(name, home)).toMatchObject({ town, trade, industry, form });
  });

  it('keeps branches and qualifiers apart', () => {
    expect(parseCompanyName('浙江滕头园林股份有限公司宁波分公司')).toMatchObject({
      divisions: [{ text: '浙江', code: '330000' }],
      trade: '滕头',
      industry: '园林',
      form: '股份有限公司',
      branch: '宁波分公司',
    });
    expect(parseCompanyName('慈溪天天会计师事务所（普通合伙）', home)).toMatchObject({
      trade: '天天',
      form: '会计师事务所',
      qualifier: '普通合伙',
    });
  });

  it('takes whatever follows 有限公司 for a branch', () => {
    expect(parseCompanyName('慈溪市公牛电器有限公司变压器车间')).toMatchObject({
      trade: '公牛',
      industry: '电器',
      form: '有限公司',
      branch: '变压器车间',
    });
    expect(parseCompanyName('中国农业银行股份有限公司余姚市支行')).toMatchObject({
      trade: '中国农业银行',
      form: '股份有限公司',
      branch: '余姚市支行',
    });
  });

  it('begins the line of business at the first known word where a trade name would be too long', () => {
    expect(parseCompanyName('宁波市双燕塑料瓶盖有限公司')).toMatchObject({ trade: '双燕', industry: '塑料瓶盖' });
  });

  it('takes a county without suffix for a division only at home', () => {
    expect(parseCompanyName('慈溪公牛电器有限公司', home).divisions).toEqual([{ text: '慈溪', code: '330282' }]);
    expect(parseCompanyName('慈溪公牛电器有限公司').divisions).toEqual([]);
  });

  it('proposes what people call the company', () => {
    expect(companyAbbreviations('公牛集团股份有限公司')).toEqual(['公牛集团', '公牛', '公牛股份']);
    expect(companyAbbreviations('慈溪市公牛电器有限公司')).toEqual(['慈溪公牛电器', '公牛电器', '慈溪公牛', '公牛']);
    expect(companyAbbreviations('公牛')).toEqual([]);
  });

  it('normalises width, brackets and spaces but keeps 有限责任公司 and 有限公司 apart', () => {
    expect(normaliseCompanyName('ＡＢＣ　科技(上海) 有限公司').value).toBe('ABC科技（上海）有限公司');
    expect(normaliseCompanyName('ABC  Tech (宁波) 有限公司').value).toBe('ABC Tech（宁波）有限公司');
    expect(normaliseCompanyName('公牛有限责任公司').value).not.toBe(normaliseCompanyName('公牛有限公司').value);
  });

  it('has one key for the spellings of one company', () => {
    const key = companyNameKey('公牛（慈溪）电器有限公司');
    expect(companyNameKey('公牛(慈溪)电器有限责任公司')).toBe(key);
    expect(companyNameKey('公牛 慈溪 电器有限公司')).toBe(key);
    expect(companyNameKey('公牛（余姚）电器有限公司')).not.toBe(key);
    expect(companyNameKey('abc科技有限公司')).toBe(companyNameKey('ＡＢＣ科技有限公司'));
  });

  it('reads any text without failing, and normalises to a fixed point', () => {
    const unit = fc.constantFrom(
      '慈溪',
      '市',
      '公牛',
      '电器',
      '有限公司',
      '厂',
      '（',
      ')',
      ' ',
      'A',
      'ｂ',
      '集团',
      '分公司',
      '镇',
      '\u3000',
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 9 }), (parts) => {
        const text = parts.join('');
        const once = normaliseCompanyName(text).value;
        expect(normaliseCompanyName(once).value).toBe(once);
        expect(companyNameKey(once)).toBe(companyNameKey(text));
        const read = parseCompanyName(text, home);
        expect(read.name).toBe(once);
        for (const short of companyAbbreviations(text, home)) expect(short.length).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 2000 },
    );
  });
});
