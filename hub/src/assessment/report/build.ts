/** The monthly report as a document: title, summary, ranking, charts, a part for each unit, method, objections, seal. */
import { bars, ink, lines, measureWidth, page, qr, Sheet, table } from '../../platform/pdf/index.ts';
import type { Language, Report, ReportUnit } from './content.ts';
import { allTexts, speech } from './texts.ts';

type Both = { zh: string; en: string };
const two = (n: number): string => n.toFixed(2);
const signed = (n: number): string => (n > 0 ? `+${two(n)}` : two(n));

/** Every text of a report that is set in a language. */
function charactersOf(value: unknown, language: Language): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || value instanceof Date) return String(value);
  const own = value as Record<string, unknown>;
  if (typeof own.zh === 'string' && typeof own.en === 'string') return String(own[language]);
  return Object.entries(own)
    .filter(([key]) => key !== 'sql')
    .map(([, one]) => charactersOf(one, language))
    .join('');
}

interface Setting {
  sheet: Sheet;
  r: Report;
  t: ReturnType<typeof speech>;
  say(text: Both): string;
  join(list: readonly string[]): string;
  month: string;
}

/** Makes the PDF. */
export async function buildReport(r: Report, language: Language): Promise<Uint8Array> {
  const t = speech(language);
  const say = (text: Both) => text[language];
  const [y, m] = r.month.split('-') as [string, string];
  const month = t('month', { y, m: language === 'zh' ? Number(m) : m });
  const title = `${say(r.title)} ${month}`;
  const sheet = await Sheet.begin({
    ...{ title: `${title} ${t('kind')}`, author: say(r.city), subject: t('contents'), at: r.madeAt },
    keywords: [r.scheme, r.month, `v${r.version}`, r.digest].join(', '),
    lang: language === 'zh' ? 'zh-CN' : 'en',
    characters: allTexts(language) + charactersOf(r, language),
    foot: t('foot', { city: say(r.city), title: say(r.title), month }),
    pageOf: (n, of) => t('page', { n, of }),
  });
  const s: Setting = { sheet, r, t, say, join: (l) => l.join(language === 'zh' ? '、' : ', '), month };
  titlePage(s);
  sheet.newPage();
  summary(s);
  ranking(s);
  indicators(s);
  units(s);
  method(s);
  raised(s);
  proof(s);
  return sheet.finish();
}

function titlePage({ sheet, r, t, say, month }: Setting): void {
  sheet.newPage();
  sheet.section();
  const { doc } = sheet;
  sheet.ornament(() => {
    doc.rect(0, 0, page.width, 12).fill(ink.primary);
    doc.rect(0, 12, page.width, 3).fill(ink.weft);
    weave(sheet, page.width - 216, 470, 216, 300);
  });
  const x = page.left;
  sheet.tagged('P', () => sheet.line(say(r.city), x, 150, { size: 15, colour: ink.quiet }));
  const name = sheet.lines(say(r.title), measureWidth, { size: 31, weight: 'strong' });
  let y = 186;
  sheet.tagged('H1', () => {
    y += sheet.block(name, x, y, measureWidth, { size: 31, weight: 'strong', leading: 1.3 });
  });
  sheet.tagged('P', () => sheet.line(t('kind'), x, y + 4, { size: 20, colour: ink.primary }));
  sheet.ornament(() => doc.rect(x, y + 46, 64, 3).fill(ink.weft));
  sheet.tagged('P', () => sheet.line(month, x, y + 66, { size: 17, weight: 'strong' }));
  const state =
    r.version === 0 ? t('provisional') : t('version', { n: r.version }) + (r.version > 1 ? t('corrected') : '');
  const facts = [state, t('issued', { day: r.day }), t('formula', { edition: r.edition, from: r.validFrom })];
  facts.forEach((text, n) => {
    const colour = n === 0 && r.version === 0 ? ink.weft : ink.quiet;
    sheet.tagged('P', () =>
      sheet.line(text, x, y + 104 + n * 19, { size: 10.5, colour, weight: n === 0 ? 'strong' : 'plain' }),
    );
  });
  sheet.tagged('P', () => sheet.line(t('contents'), x, page.height - 84, { size: 9, colour: ink.quiet }));
}

/** Warp and weft: the house's ornament. */
function weave({ doc }: Sheet, x: number, y: number, width: number, height: number): void {
  const step = 18;
  doc.save();
  for (let i = 0; i * step < width; i++)
    for (let j = 0; j * step < height; j++) {
      const over = (i + j) % 2 === 0;
      const fade = 0.05 + 0.22 * (i / (width / step)) * (j / (height / step));
      doc.fillOpacity(fade).fillColor(over ? ink.primary : ink.weft);
      if (over) doc.rect(x + i * step + 5, y + j * step - 3, 8, step + 6).fill();
      else doc.rect(x + i * step - 3, y + j * step + 5, step + 6, 8).fill();
    }
  doc.restore().fillOpacity(1);
}

function summary({ sheet, r, t, say, join, month }: Setting): void {
  sheet.section();
  sheet.heading(t('summary'), 1, null);
  const ranked = r.units.filter((u) => u.rank !== null);
  const lost = r.lost.reduce((n, l) => n + l.lost, 0);
  const figures = [
    [t('assessed'), String(r.units.length)],
    [t('ranked'), String(ranked.length)],
    [t('mean'), r.mean === null ? '—' : two(r.mean)],
    [t('lostAll'), two(lost)],
  ] as const;
  const width = measureWidth / figures.length;
  const y = sheet.y + 2;
  figures.forEach(([label, value], n) => {
    const x = page.left + n * width;
    sheet.ornament(() => sheet.doc.rect(x, y, width - 8, 56).fill(ink.soft));
    sheet.tagged('P', () => {
      sheet.line(label, x + 10, y + 8, { size: 8.6, colour: ink.quiet });
      sheet.line(value, x + 10, y + 23, { size: 20, weight: 'strong', colour: ink.primary });
    });
  });
  sheet.y = y + 70;
  const best = ranked.filter((u) => u.rank! <= 3).slice(0, 8);
  const worst = [...r.lost].sort((a, b) => b.lost - a.lost).filter((l) => l.lost > 0);
  const sentences = [
    t('lead', { month, n: r.units.length, r: ranked.length, mean: r.mean === null ? '—' : two(r.mean) }),
    best.length ? t('first', { names: join(best.map((u) => `${say(u.name)} ${two(u.score!)}`)) }) : '',
    worst.length ? t('worst', { names: join(worst.slice(0, 3).map((l) => `${say(l.title)} ${two(l.lost)}`)) }) : '',
    r.risen.length ? t('risen', { names: join(r.risen.map((u) => `${say(u.name)} ${signed(u.change)}`)) }) : '',
    r.trend.length < 2 ? t('noBefore') : '',
  ];
  sheet.paragraph(sentences.filter(Boolean).join(say({ zh: '', en: ' ' })), { size: 10.5, leading: 1.75 });
  sheet.y += 4;
  sheet.paragraph(say(r.note), { size: 9, colour: ink.quiet, leading: 1.65 });
}

function ranking({ sheet, r, t, say }: Setting): void {
  sheet.section();
  sheet.heading(t('ranking'), 2, null);
  table<ReportUnit>(
    sheet,
    [
      {
        title: t('rank'),
        width: 40,
        align: 'middle',
        text: (u) => (u.rank === null ? t('unranked') : String(u.rank)),
        style: (u) => ({
          weight: u.rank !== null && u.rank <= 3 ? 'strong' : 'plain',
          colour: u.rank === null ? ink.quiet : ink.text,
        }),
      },
      { title: t('unit'), text: (u) => say(u.name), lines: 2 },
      {
        title: t('score'),
        width: 50,
        align: 'end',
        text: (u) => (u.score === null ? '—' : two(u.score)),
        style: (u) => ({ weight: 'strong', colour: u.rank === null ? ink.quiet : ink.text }),
      },
      {
        ...{ title: '', width: 96, text: (u: ReportUnit) => (u.score === null ? '—' : two(u.score)) },
        draw(own, u, box) {
          const y = box.y + 2;
          own.doc.rect(box.x, y, box.width, 7).fill(ink.soft);
          if (u.score !== null)
            own.doc.rect(box.x, y, (box.width * u.score) / 100, 7).fill(u.rank === null ? ink.line : ink.primary);
        },
      },
      {
        title: t('change'),
        width: 46,
        align: 'end',
        text: (u) => (u.change === null ? '—' : signed(u.change)),
        style: (u) => ({ colour: u.change === null ? ink.quiet : u.change < 0 ? ink.bad : ink.good }),
      },
      {
        title: t('mostLost'),
        width: 124,
        text: (u) => (u.lost[0] ? `${say(u.lost[0].title)} ${two(u.lost[0].lost)}` : '—'),
        lines: 2,
      },
    ],
    r.units,
  );
  sheet.paragraph(t('unrankedNote', { n: r.formula.leastWeight }), { size: 8.6, colour: ink.quiet });
}

function indicators({ sheet, r, t, say }: Setting): void {
  sheet.section();
  sheet.heading(t('indicators'), 2, null);
  sheet.heading(t('shareTitle'), 3);
  const measured = r.lost.filter((l) => l.share !== null);
  const rows = measured.map((l) => ({
    ...{ label: say(l.title), value: (l.share ?? 0) * 100, of: 100 },
    shown: l.share === null ? '—' : `${(l.share * 100).toFixed(1)}%`,
    colour: (l.share ?? 0) < 0.6 ? ink.weft : ink.primary,
  }));
  bars(sheet, rows, rows.map((x) => `${x.label} ${x.shown}`).join('; '), 168);
  const without = r.lost.filter((l) => l.share === null);
  if (without.length)
    sheet.paragraph(
      without
        .map((l) => `${say(l.title)}${say({ zh: '：', en: ': ' })}${t(l.absent ? 'absent' : 'nobody')}`)
        .join(say({ zh: '；', en: '; ' })),
      { size: 8.6, colour: ink.quiet },
    );
  const months = r.trend.filter((p) => p.score !== null);
  const points = months.length > 1 ? months : r.days.filter((p) => p.score !== null);
  sheet.heading(t(months.length < 2 && points.length > 1 ? 'dayTitle' : 'trendTitle'), 3);
  if (months.length < 2) sheet.paragraph(t('oneMonth'), { size: 8.6, colour: ink.quiet });
  if (points.length < 2) return;
  const scores = points.map((p) => p.score!);
  lines(sheet, {
    labels: points.map((p) => p.at.slice(months.length > 1 ? 2 : 5)),
    series: [{ label: t('mean'), colour: ink.primary, values: scores }],
    ...{ least: Math.max(0, Math.floor(Math.min(...scores) / 10) * 10 - 10), most: 100 },
    alt: points.map((p) => `${p.at} ${two(p.score!)}`).join('; '),
  });
}

function units({ sheet, r, t, say }: Setting): void {
  sheet.newPage();
  sheet.section();
  const under = sheet.heading(t('units'), 1, null);
  sheet.paragraph(t('spread'), { size: 9, colour: ink.quiet, leading: 1.65 });
  for (const u of r.units) {
    sheet.section();
    sheet.ensure(96 + u.points.length * 19.2);
    sheet.heading(say(u.name), 2, under ?? null);
    const rank = u.rank === null ? t('unranked') : t('rankNo', { n: u.rank });
    sheet.paragraph(t('rankOf', { score: u.score === null ? '—' : two(u.score), rank }), {
      size: 10,
      weight: 'strong',
      colour: ink.primary,
    });
    sheet.y += 3;
    unitTable({ sheet, r, t, say } as Setting, u);
    if (!u.lost.length) {
      sheet.paragraph(t('nothingLost'), { size: 9, colour: ink.quiet });
      continue;
    }
    sheet.heading(t('whyLost'), 3);
    for (const l of u.lost) {
      sheet.paragraph(t('lostLine', { title: say(l.title), n: two(l.lost), advice: say(l.advice) }), {
        size: 9,
        weight: 'strong',
        leading: 1.5,
      });
      const named = l.records.map((x) =>
        t('record', {
          title: say(x.title),
          note: x.note ? say({ zh: `（${x.note.zh}）`, en: ` (${x.note.en})` }) : '',
          n: two(x.lost),
        }),
      );
      if (l.more) named.push(t('more', { n: l.more }));
      sheet.paragraph(named.join(say({ zh: '；', en: '; ' })), { size: 8.6, colour: ink.quiet, leading: 1.5 });
      sheet.y += 2;
    }
  }
}

function unitTable({ sheet, r, t, say }: Setting, u: ReportUnit): void {
  const percent = (id: string, v: number | null) => {
    const i = r.formula.indicators.find((x) => x.id === id)!;
    if (v === null) return '—';
    return i.measure === 'share' ? `${(v * 100).toFixed(1)}%` : String(Math.round(v * 100) / 100);
  };
  table(
    sheet,
    [
      { title: t('indicator'), text: (p: ReportUnit['points'][number]) => say(p.title) },
      { title: t('cases'), width: 44, align: 'end', text: (p) => String(p.cases) },
      {
        title: t('measure'),
        width: 150,
        align: 'end',
        text: (p) => (p.state === 'scored' ? percent(p.indicator, p.measure) : t(`state.${p.state}`)),
        style: (p) => (p.state === 'scored' ? {} : { colour: ink.quiet }),
      },
      { title: t('weight'), width: 48, align: 'end', text: (p) => (p.state === 'scored' ? two(p.weight / 100) : '—') },
      {
        title: t('points'),
        width: 48,
        align: 'end',
        text: (p) => (p.state === 'scored' ? two(p.points / 100) : '—'),
        style: () => ({ weight: 'strong' }),
      },
      {
        title: t('lost'),
        width: 44,
        align: 'end',
        text: (p) => (p.weight > p.points ? two((p.weight - p.points) / 100) : '—'),
        style: (p) => ({ colour: p.weight > p.points ? ink.bad : ink.quiet }),
      },
    ],
    u.points,
  );
}

function method({ sheet, r, t, say }: Setting): void {
  sheet.newPage();
  sheet.section();
  sheet.heading(t('method'), 1, null);
  sheet.paragraph(t('formula', { edition: r.edition, from: r.validFrom }), { size: 9.5, weight: 'strong' });
  if (r.reason) sheet.paragraph(t('reason', { text: say(r.reason) }), { size: 9, colour: ink.quiet, leading: 1.6 });
  for (const i of r.formula.indicators) {
    sheet.ensure(70);
    sheet.y += 5;
    sheet.tagged('H3', () => {
      sheet.line(say(i.title), page.left, sheet.y, { size: 10, weight: 'strong' });
      sheet.line(
        `${t('weight')} ${i.weight}`,
        page.left,
        sheet.y,
        { size: 9, weight: 'strong', colour: ink.primary, align: 'end' },
        measureWidth,
      );
    });
    sheet.y += 16;
    sheet.paragraph(say(i.text), { size: 9, leading: 1.6 });
    const of = (v: number) => (i.measure === 'share' ? `${Math.round(v * 1000) / 10}%` : String(v));
    const line = `${t('share', { full: of(i.full), zero: of(i.zero) })}${say({ zh: '；', en: '; ' })}${t('ground', { text: say(i.ground) })}`;
    sheet.paragraph(line, { size: 8.6, colour: ink.quiet, leading: 1.5 });
  }
}

function raised({ sheet, r, t, say }: Setting): void {
  sheet.section();
  sheet.heading(t('objections'), 2, null);
  if (!r.objections.length) {
    sheet.paragraph(t('noObjections'), { size: 9.5, colour: ink.quiet });
    return;
  }
  table(
    sheet,
    [
      { title: t('unit'), width: 120, text: (o: Report['objections'][number]) => say(o.unit.name), lines: 3 },
      {
        title: t('what'),
        text: (o) => `${say(o.indicator.title)}${o.record?.title ? ` · ${say(o.record.title)}` : ''} — ${o.reason}`,
        lines: 4,
      },
      {
        title: t('outcome'),
        width: 130,
        text: (o) =>
          `${t(`objection.${o.state}`)}${o.effect ? ` ${o.effect.before === null ? '—' : two(o.effect.before)} → ${o.effect.after === null ? '—' : two(o.effect.after)}` : ''}${o.decision ? ` · ${o.decision}` : ''}`,
        lines: 4,
      },
    ],
    r.objections,
  );
}

function proof({ sheet, r, t }: Setting): void {
  sheet.section();
  sheet.ensure(190);
  sheet.heading(t('proof'), 2, null);
  sheet.paragraph(r.seal === null ? t('proofDraft') : t('proofText', { n: r.seal }), { size: 9.5, leading: 1.7 });
  sheet.y += 6;
  const y = sheet.y;
  const side = r.address ? 104 : 0;
  if (r.address) qr(sheet, r.address, page.left - 8, y, side, t('qr', { n: r.seal ?? '' }));
  const x = page.left + side + (side ? 8 : 0);
  sheet.tagged('P', () => {
    sheet.line('SHA-256', x, y + 12, { size: 8.6, colour: ink.quiet });
    sheet.line(r.digest.slice(0, 32), x, y + 28, { size: 10.5, weight: 'strong' });
    sheet.line(r.digest.slice(32), x, y + 44, { size: 10.5, weight: 'strong' });
    if (r.address) sheet.line(r.address, x, y + 66, { size: 8.2, colour: ink.quiet });
  });
  sheet.y = y + Math.max(side, 70);
}
