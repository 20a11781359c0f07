// The public surface of @millrace/exchange. Printed by `npm run api`; review every change of it.
