#!/bin/sh
# Fetches the node corpus into the folder $1 with npm: a node_modules tree of
# 32,000 files and 236 MB, without symlinks so that every tool packs the same.
set -eu
dir=${1:?usage: corpus.sh FOLDER}
[ -f "$dir/.complete" ] && exit 0
rm -rf "$dir"
mkdir -p "$dir/tree/nodejs"
cd "$dir/tree/nodejs"
echo '{"name":"corpus-node","version":"1.0.0","private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts \
  @aws-sdk/client-s3 @aws-sdk/client-dynamodb @aws-sdk/client-lambda @aws-sdk/client-ec2@3.1169.0 \
  typescript@5.6.3 lodash sharp@0.35.5 axios webpack@5.112.2 rxjs date-fns express firebase-admin exceljs \
  moment-timezone three@0.187.0
find . -type l -delete
touch "$dir/.complete"
