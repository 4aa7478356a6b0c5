#!/usr/bin/env bash
# What a script does that follows the pages of ABBYY: for each client a token, the client, a secret, and a token request
# with that secret. Times how long this takes, so it prints nothing.
set -euo pipefail

field() { sed -E "s/.*\"$1\":\"([^\"]+)\".*/\1/"; }
token_of() {
  curl -sSf "$BASE/auth2/connect/token" -d grant_type=client_credentials --data-urlencode "client_id=$1" \
    --data-urlencode "client_secret=$2" --data-urlencode "scope=openid permissions global.wildcard"
}

for index in $(seq "$CLIENTS"); do
  token=$(token_of "$ADMIN_ID" "$ADMIN_SECRET" | field access_token)
  api() { curl -sSf "$BASE/api/adminapi2/v2/tenants/$TENANT/clients/$1" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d "$2"; }
  api '' "{\"clientId\":\"recipe-$index\",\"clientName\":\"Recipe $index\",\"allowedGrantTypes\":[\"client_credentials\"],\"allowedScopes\":[\"openid\",\"permissions\",\"publicapi.all\"]}" >/dev/null
  secret=$(api "recipe-$index/secrets/" '{"description":"Recipe"}' | field value)
  token_of "recipe-$index" "$secret" >/dev/null
done
