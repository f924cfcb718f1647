/** One indicator: what it measures, and every unit by what it reached. */
import { Link, useParams } from '@tanstack/react-router';
import { Fact, Facts, Page, Panel } from '../../components/page.tsx';
import { Empty, Loaded } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useBoard } from './board.tsx';
import { type Board, measured, ShareBar, Standing, searchOf, two } from './shared.tsx';

export default function IndicatorPage() {
  const { t, say } = useSpeech();
  const { indicator } = useParams({ strict: false }) as { indicator: string };
  const board = useBoard();
  const found = board.data?.indicators.find((i) => i.id === indicator);
  return (
    <Page
      title={found ? say(found.title) : t('titles.assessment-indicator')}
      back={{ to: '/assessment', label: t('titles.assessment') }}
      lead={t('assessment.indicator-lead')}
    >
      <Loaded query={board}>
        {(data) => (found ? <Whole data={data} id={indicator} /> : <Empty title={t('assessment.none')} />)}
      </Loaded>
    </Page>
  );
}

function Whole({ data, id }: { data: Board; id: string }) {
  const { t, say } = useSpeech();
  const i = data.indicators.find((x) => x.id === id)!;
  const head = data.result!;
  const rows = data.units
    .map((u) => ({ ...u, cell: u.cells.find((c) => c.indicator === id)! }))
    .map((u) => ({ ...u, share: u.cell.weight ? u.cell.points / u.cell.weight : null }))
    .sort((a, b) => (b.share ?? -1) - (a.share ?? -1));
  return (
    <div className="stack">
      <Standing head={head} />
      <Panel title={t('assessment.settings')}>
        <Facts>
          <Fact label={t('assessment.measured')} wide>
            {say(i.text)}
          </Fact>
          <Fact label={t('assessment.ground')} wide>
            {say(i.ground)}
          </Fact>
          <Fact label={t('assessment.weight')}>{i.weight}</Fact>
          <Fact label={t(`assessment.direction.${i.direction}`)}>
            {t('assessment.targets', { full: measured(i, i.full), zero: measured(i, i.zero) })}
          </Fact>
        </Facts>
        {i.absent ? <p className="note">{t('assessment.absent-text')}</p> : null}
      </Panel>
      <Panel title={t('assessment.ranking')} flush>
        <DataTable
          caption={t('assessment.ranking')}
          rows={rows}
          rowKey={(u) => u.unit}
          columns={[
            {
              key: 'unit',
              title: t('assessment.unit'),
              head: true,
              render: (u) => (
                <Link to="/assessment/units/$unit" params={{ unit: u.unit } as never} search={searchOf(head)}>
                  {say(u.name)}
                </Link>
              ),
            },
            {
              key: 'share',
              title: t('assessment.rate'),
              render: (u) =>
                u.share === null ? (
                  <span className="small quiet">{t(`assessment.state.${u.cell.state}`)}</span>
                ) : (
                  <span className="assessment-points">
                    <ShareBar share={u.share} label={say(u.name)} />
                    <span className="num">{percent(u.share)}</span>
                  </span>
                ),
            },
            {
              key: 'points',
              title: t('assessment.points'),
              align: 'end',
              tight: true,
              render: (u) =>
                u.share === null ? (
                  <span className="quiet">—</span>
                ) : (
                  <span className="num">
                    {two(u.cell.points)} / {two(u.cell.weight)}
                  </span>
                ),
            },
          ]}
        />
      </Panel>
    </div>
  );
}
