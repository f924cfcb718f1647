/** 单位对比: two units in one month, indicator by indicator. */
import { Link } from '@tanstack/react-router';
import { Figure, Figures } from '../../components/figure.tsx';
import { ChoiceFilter } from '../../components/filters.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useBoard } from './board.tsx';
import { type Board, MonthChoice, ShareBar, searchOf, signed, two } from './shared.tsx';

export default function Compare() {
  const { t } = useSpeech();
  const board = useBoard();
  return (
    <Page title={t('titles.assessment-compare')} lead={t('assessment.compare-lead')}>
      <Loaded query={board}>
        {(data) =>
          data.result ? <Whole data={data} /> : <Empty title={t('assessment.none')}>{t('assessment.none-text')}</Empty>
        }
      </Loaded>
    </Page>
  );
}

type Unit = Board['units'][number];

function Whole({ data }: { data: Board }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const head = data.result!;
  const choices = data.units.map((u) => ({ value: u.unit, label: say(u.name) }));
  const first = url.get('first') || data.units[0]?.unit;
  const second = url.get('second') || data.units.find((u) => u.unit !== first)?.unit;
  const of = (unit: string | undefined) => data.units.find((u) => u.unit === unit);
  const [a, b] = [of(first), of(second)];
  return (
    <div className="stack">
      <MonthChoice schemes={data.schemes} head={head} />
      <search className="filters">
        <ChoiceFilter
          name="first"
          label={t('assessment.first')}
          choices={choices}
          width={240}
          {...(first ? { otherwise: first } : {})}
        />
        <ChoiceFilter
          name="second"
          label={t('assessment.second')}
          choices={choices}
          width={240}
          {...(second ? { otherwise: second } : {})}
        />
      </search>
      {a && b ? <Both a={a} b={b} data={data} /> : <Empty title={t('assessment.compare-none')} />}
    </div>
  );
}

function Both({ a, b, data }: { a: Unit; b: Unit; data: Board }) {
  const { t, say } = useSpeech();
  const head = data.result!;
  const side = (u: Unit) => (
    <Link to="/assessment/units/$unit" params={{ unit: u.unit } as never} search={searchOf(head)}>
      {say(u.name)}
    </Link>
  );
  const rank = (u: Unit) => (u.rank === null ? t('assessment.unranked') : t('assessment.rank-n', { n: u.rank }));
  const cell = (u: Unit, id: string) => u.cells.find((c) => c.indicator === id)!;
  const shown = (u: Unit, id: string) => {
    const c = cell(u, id);
    return c.weight ? (
      <span className="assessment-points">
        <ShareBar share={c.points / c.weight} label={say(u.name)} />
        <span className="num">
          {two(c.points)} / {two(c.weight)}
        </span>
      </span>
    ) : (
      <span className="small quiet">{t(`assessment.state.${c.state}`)}</span>
    );
  };
  return (
    <>
      <Figures>
        <Figure label={side(a)} note={rank(a)}>
          {two(a.score)}
        </Figure>
        <Figure label={side(b)} note={rank(b)}>
          {two(b.score)}
        </Figure>
        <Figure label={t('assessment.difference-points')}>
          {a.score === null || b.score === null ? '—' : signed(a.score - b.score)}
        </Figure>
      </Figures>
      <Panel title={t('assessment.why')} flush>
        <DataTable
          caption={t('titles.assessment-compare')}
          rows={data.indicators}
          rowKey={(i) => i.id}
          columns={[
            { key: 'title', title: t('assessment.indicator'), head: true, render: (i) => say(i.title) },
            { key: 'a', title: say(a.name), render: (i) => shown(a, i.id) },
            { key: 'b', title: say(b.name), render: (i) => shown(b, i.id) },
            {
              key: 'difference',
              title: t('assessment.difference-points'),
              align: 'end',
              tight: true,
              render: (i) => {
                const [x, y] = [cell(a, i.id), cell(b, i.id)];
                if (!x.weight || !y.weight) return <span className="quiet">—</span>;
                const by = x.points / x.weight - y.points / y.weight;
                return (
                  <span
                    className={by < 0 ? 'num bad-text' : 'num'}
                  >{`${by > 0 ? '+' : ''}${(by * 100).toFixed(1)}%`}</span>
                );
              },
            },
          ]}
        />
      </Panel>
    </>
  );
}
