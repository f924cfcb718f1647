import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Drawer } from 'antd';
import { api } from '../../api/client.ts';
import { Loaded } from '../../components/states.tsx';
import { DataTable, Pager } from '../../components/table.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { Cell } from '../credit/cell.tsx';

const size = 50;

/** The rows behind a number of quality: those that break the rule, with every field. `of` is source/run/field/rule. */
export function FailingDrawer({ of, onClose }: { of: string; onClose: () => void }) {
  const { t, say } = useSpeech();
  const url = useUrlState();
  const [source = '', run = '', field = '', rule = ''] = of.split('/');
  const page = url.number('page', 1);
  const query = { source, run, field, rule, page, size };
  const rows = useQuery({
    queryKey: ['refinery', 'failing', query],
    queryFn: ({ signal }) => api.get('/api/v1/refinery/quality/failing', { query, signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <Drawer open onClose={onClose} size="min(1100px, 96vw)" title={t('refinery.failing.title')}>
      <Loaded query={rows}>
        {(data) => (
          <div className="stack-s">
            <div className="note warn">
              <p className="strong">{say(data.says)}</p>
              <p className="small quiet">
                <span className="mono">{source}</span> · #{run} · <span className="mono">{field}</span> ·{' '}
                {t(`refinery.rule.${rule}`)}
              </p>
            </div>
            <DataTable
              caption={t('refinery.failing.title')}
              rows={data.items}
              rowKey={(row) => row.fact}
              columns={[
                { key: 'row', title: t('refinery.failing.row'), align: 'end', render: (row) => full(row.row) },
                {
                  key: 'entity',
                  title: t('refinery.failing.entity'),
                  tight: true,
                  render: (row) =>
                    row.entity ? (
                      <Link to="/credit/enterprises/$entity" params={{ entity: String(row.entity) } as never}>
                        {t('common.open')}
                      </Link>
                    ) : (
                      <span className="quiet">—</span>
                    ),
                },
                ...data.fields.map((one, i) => ({
                  key: one.name,
                  title: <span className={one.name === field ? 'fault' : undefined}>{say(one.title)}</span>,
                  render: (row: (typeof data.items)[number]) => (
                    <div className="cell">
                      <Cell cell={row.cells[i]} />
                    </div>
                  ),
                })),
              ]}
            />
            <Pager
              offset={(page - 1) * size}
              limit={size}
              total={data.total}
              onOffset={(offset) => url.set({ page: offset ? offset / size + 1 : undefined })}
            />
          </div>
        )}
      </Loaded>
    </Drawer>
  );
}
