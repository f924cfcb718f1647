/** Names of who stands in a signature's chain of origin, for whoever may read them. */
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useMe } from '../../session/session.tsx';

/** Answers the name of an organisation of the catalogue by its identifier, else the identifier itself. */
export function useOriginNames(): (id: string) => string {
  const { say } = useSpeech();
  const me = useMe();
  const { data } = useQuery({
    queryKey: ['catalogue', 'organisations'],
    queryFn: ({ signal }) => api.get('/api/v1/catalogue/organisations', { signal }),
    enabled: me.data?.permissions.includes('catalogue.read') === true,
    staleTime: 300_000,
  });
  return (id) => {
    const organisation = data?.items.find((one) => one.id === id);
    return organisation ? say(organisation.name) : id;
  };
}
