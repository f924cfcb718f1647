/** Leave: from when to when, and who stands in. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, DatePicker, Select } from 'antd';
import dayjs from 'dayjs';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Label, Panel } from '../../components/page.tsx';
import { Empty, Failure } from '../../components/states.tsx';
import { DataTable } from '../../components/table.tsx';
import { day } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { View } from './settings.tsx';

export function Leave({ of: data }: { of: View }) {
  const { t } = useSpeech();
  const client = useQueryClient();
  const id = useId();
  const [deputy, setDeputy] = useState<string>();
  const [days, setDays] = useState<[string, string]>();
  const kept = (next: View) => client.setQueryData(['notices', 'settings'], next);
  const take = useMutation({
    mutationFn: () => api.post('/api/v1/notices/leaves', { body: { deputy: deputy!, from: days![0], to: days![1] } }),
    onSuccess: (next) => {
      setDays(undefined);
      setDeputy(undefined);
      kept(next);
    },
  });
  const end = useMutation({
    mutationFn: (leave: number) => api.post('/api/v1/notices/leaves/{id}/end', { params: { id: leave } }),
    onSuccess: kept,
  });
  return (
    <Panel title={t('notices.leave')}>
      <div className="stack-s">
        <p className="small quiet">{t('notices.leave-lead')}</p>
        <div className="notice-ways">
          <div className="stack-s">
            <label htmlFor={`${id}-d`}>{t('notices.deputy-who')}</label>
            <Select
              id={`${id}-d`}
              aria-label={t('notices.deputy-who')}
              showSearch={{ optionFilterProp: 'label' }}
              value={deputy ?? null}
              onChange={setDeputy}
              options={data.colleagues.map((c) => ({ value: c.login, label: `${c.name}（${c.login}）` }))}
            />
          </div>
          <div className="stack-s">
            <label htmlFor={`${id}-p`}>{t('notices.days')}</label>
            <DatePicker.RangePicker
              id={{ start: `${id}-p`, end: `${id}-e` }}
              aria-label={t('notices.days')}
              value={days ? [dayjs(days[0]), dayjs(days[1])] : null}
              onChange={(next) =>
                setDays(next?.[0] && next[1] ? [next[0].format('YYYY-MM-DD'), next[1].format('YYYY-MM-DD')] : undefined)
              }
            />
          </div>
        </div>
        {take.isError ? <Failure error={take.error} /> : null}
        {end.isError ? <Failure error={end.error} /> : null}
        <div>
          <Button loading={take.isPending} disabled={!deputy || !days} onClick={() => take.mutate()}>
            {t('notices.leave-new')}
          </Button>
        </div>
        <DataTable
          caption={t('notices.leave')}
          rows={data.leaves}
          rowKey={(row) => row.id}
          empty={<Empty title={t('notices.leave-empty')} />}
          columns={[
            { key: 'deputy', title: t('notices.deputy-who'), head: true, render: (row) => row.deputyName },
            {
              key: 'days',
              title: t('notices.days'),
              tight: true,
              render: (row) => (
                <span className="num">
                  {day(row.from)} – {day(row.to)}
                </span>
              ),
            },
            {
              key: 'state',
              title: t('notices.state'),
              tight: true,
              render: (row) => (
                <Label tone={row.state === 'running' ? 'good' : undefined}>
                  {t(`notices.leave-state.${row.state}`)}
                </Label>
              ),
            },
            {
              key: 'act',
              title: t('notices.act'),
              tight: true,
              render: (row) =>
                row.state === 'over' ? null : (
                  <Button size="small" loading={end.isPending} onClick={() => end.mutate(row.id)}>
                    {t('notices.leave-end')}
                  </Button>
                ),
            },
          ]}
        />
      </div>
    </Panel>
  );
}
