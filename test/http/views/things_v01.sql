select * from public.things
