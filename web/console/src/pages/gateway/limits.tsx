/** Rate, quota and cache of a service: seen by both sides, set by the provider or the authority. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, InputNumber, Switch } from 'antd';
import { useId, useState } from 'react';
import { api } from '../../api/client.ts';
import { Fact, Facts, Panel } from '../../components/page.tsx';
import { Failure } from '../../components/states.tsx';
import { full } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import type { ServiceDetail } from './shared.tsx';

const numbers = ['perSecond', 'burst', 'concurrent', 'perDay', 'perMonth'] as const;
const optional = new Set<string>(['perDay', 'perMonth']);

/** Panel of the limits. */
export function Limits({ data }: { data: ServiceDetail }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const client = useQueryClient();
  const id = useId();
  const [set, setSet] = useState(data.settings);
  const [base, setBase] = useState(data.settings);
  // What another person saved meanwhile is shown unless something is being changed here.
  if (base.version !== data.settings.version) {
    setBase(data.settings);
    setSet(data.settings);
  }
  const save = useMutation({
    mutationFn: () => api.put('/api/v1/gateway/services/{id}/settings', { params: { id: data.id }, body: set }),
    onSuccess: async () => {
      message.success(t('gateway.saved'));
      await client.invalidateQueries({ queryKey: ['gateway'] });
    },
  });
  const changed = JSON.stringify(set) !== JSON.stringify(base);
  const incomplete = numbers.some((n) => !optional.has(n) && !set[n]);
  const shown = (n: number | null) => (n === null ? t('gateway.no-quota') : full(n));
  return (
    <Panel title={t('gateway.limits')} id="limits">
      {data.maySet ? (
        <form
          className="stack-s"
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          <p className="small quiet">{t('gateway.limits-note')}</p>
          <div className="gw-form">
            {numbers.map((name) => (
              <div key={name}>
                <label htmlFor={`${id}-${name}`}>{t(`gateway.limit.${name}`)}</label>
                <InputNumber
                  id={`${id}-${name}`}
                  min={1}
                  precision={0}
                  style={{ width: '100%' }}
                  placeholder={optional.has(name) ? t('gateway.no-quota') : ''}
                  value={set[name]}
                  onChange={(next) => setSet({ ...set, [name]: next ?? (optional.has(name) ? null : 0) })}
                />
              </div>
            ))}
            <div>
              <label htmlFor={`${id}-cache`}>{t('gateway.cache')}</label>
              <Switch id={`${id}-cache`} checked={set.cache} onChange={(cache) => setSet({ ...set, cache })} />
              <p className="small quiet">{t('gateway.cache-note')}</p>
            </div>
          </div>
          {save.isError ? <Failure error={save.error} /> : null}
          <div>
            <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!changed || incomplete}>
              {t('gateway.save')}
            </Button>
          </div>
        </form>
      ) : (
        <Facts>
          {numbers.map((name) => (
            <Fact key={name} label={t(`gateway.limit.${name}`)}>
              <span className="num">{shown(data.settings[name])}</span>
            </Fact>
          ))}
          <Fact label={t('gateway.cache')}>{data.settings.cache ? t('gateway.cache-on') : t('gateway.cache-off')}</Fact>
        </Facts>
      )}
    </Panel>
  );
}
