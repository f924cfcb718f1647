/** Says on every page that the session stands for a former organisation, with the way back. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { api } from '../api/client.ts';
import { Failure } from '../components/states.tsx';
import { useSpeech } from '../i18n/index.ts';
import { useOwners } from '../pages/exchange/shared.tsx';
import { meQuery, useSession } from '../session/session.tsx';

export function Standing() {
  const { t } = useSpeech();
  const { me } = useSession();
  const { nameOf } = useOwners();
  const client = useQueryClient();
  const back = useMutation({
    mutationFn: () => api.put('/api/v1/me/standing', { body: { organisation: null } }),
    onSuccess: async () => {
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
      await client.invalidateQueries();
    },
  });
  if (!me.standsFor) return null;
  return (
    <div className="note warn row spread people-stands" role="status">
      <span>{t('people.standing.banner', { name: nameOf(me.standsFor) })}</span>
      <Button size="small" loading={back.isPending} onClick={() => back.mutate()}>
        {t('people.standing.back')}
      </Button>
      {back.isError ? <Failure error={back.error} /> : null}
    </div>
  );
}
